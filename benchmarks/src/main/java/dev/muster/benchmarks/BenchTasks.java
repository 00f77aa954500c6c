package dev.muster.benchmarks;

import dev.muster.queue.Task;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The tasks of all comparisons; `celery_peer.py` and `celery_workflow_peer.py` have the same.
final class BenchTasks {
    private BenchTasks() {}

    @Task(name = "bench.noop")
    static void noop() {}

    @Task(name = "bench.take")
    static int take(String text) {
        return text.length();
    }

    @Task(name = "bench.wait")
    static void pause(int milliseconds) throws InterruptedException {
        Thread.sleep(milliseconds);
    }

    @Task(name = "bench.same")
    static int same(int number) {
        return number;
    }

    @Task(name = "bench.sum")
    static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(number -> number).sum();
    }

    @Task(name = "bench.next")
    static int next(int number) {
        return number + 1;
    }

    @Task(name = "bench.sort")
    static int[] sort(int[] numbers) {
        if (numbers.length < 2) {
            return numbers;
        }
        var middle = numbers.length / 2;
        return merge(
                sort(Arrays.copyOfRange(numbers, 0, middle)),
                sort(Arrays.copyOfRange(numbers, middle, numbers.length)));
    }

    @Task(name = "bench.merge")
    static int[] mergeAll(List<int[]> sorted) {
        var rest = new ArrayList<>(sorted);
        while (rest.size() > 1) {
            rest.add(merge(rest.removeFirst(), rest.removeFirst()));
        }
        return rest.getFirst();
    }

    /// @return the file with the sorted numbers
    @Task(name = "bench.sort_file")
    static String sortFile(String file, int from, int to) throws IOException {
        var sorted = sort(Arrays.copyOfRange(read(file), from, to));
        return write(Path.of("%s-%d".formatted(file, from)), sorted);
    }

    /// @return the file with the merged numbers
    @Task(name = "bench.merge_files")
    static String mergeFiles(List<String> files) throws IOException {
        var sorted = new ArrayList<int[]>();
        for (var file : files) {
            sorted.add(read(file));
        }
        return write(Path.of(files.getFirst() + "-merged"), mergeAll(sorted));
    }

    static int[] read(String file) throws IOException {
        var bytes = Files.readAllBytes(Path.of(file));
        var numbers = new int[bytes.length / Integer.BYTES];
        ByteBuffer.wrap(bytes).asIntBuffer().get(numbers);
        return numbers;
    }

    static String write(Path file, int[] numbers) throws IOException {
        var bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES);
        bytes.asIntBuffer().put(numbers);
        return Files.write(file, bytes.array()).toString();
    }

    private static int[] merge(int[] left, int[] right) {
        var merged = new int[left.length + right.length];
        var l = 0;
        var r = 0;
        for (var out = 0; out < merged.length; out++) {
            var takesLeft = r == right.length || (l < left.length && left[l] <= right[r]);
            merged[out] = takesLeft ? left[l++] : right[r++];
        }
        return merged;
    }
}
