import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Sorts 1,000,000 shuffled integers: workers sort four chunks and merge them, as a chord; then the same all here.
///
/// The messages hold the numbers at first, which costs far more than the sorting. Then they hold the name of a file where
/// the numbers are, as is better for large data; workers on other machines would need it on a shared disk.
///
///     ./muster run examples/MergeSort.java
public class MergeSort {
    private static final int SIZE = 1_000_000;
    private static final int CHUNKS = 4;

    @Task
    static int[] sort(int[] numbers) {
        if (numbers.length < 2) {
            return numbers;
        }
        var middle = numbers.length / 2;
        return merge(sort(Arrays.copyOfRange(numbers, 0, middle)), sort(Arrays.copyOfRange(numbers, middle, numbers.length)));
    }

    @Task
    static int[] mergeAll(List<int[]> sorted) {
        var rest = new ArrayList<>(sorted);
        while (rest.size() > 1) {
            rest.add(merge(rest.removeFirst(), rest.removeFirst()));
        }
        return rest.getFirst();
    }

    /// @return the name of a file with the sorted numbers
    @Task
    static String sortFile(String file, int from, int to) throws IOException {
        return write(Path.of("%s-%d".formatted(file, from)), sort(Arrays.copyOfRange(read(file), from, to)));
    }

    @Task
    static String mergeFiles(List<String> sorted) throws IOException {
        var parts = new ArrayList<int[]>();
        for (var file : sorted) {
            parts.add(read(file));
        }
        return write(Path.of(sorted.getFirst() + "-merged"), mergeAll(parts));
    }

    static int[] merge(int[] left, int[] right) {
        var merged = new int[left.length + right.length];
        for (int l = 0, r = 0, out = 0; out < merged.length; out++) {
            merged[out] = r == right.length || l < left.length && left[l] <= right[r] ? left[l++] : right[r++];
        }
        return merged;
    }

    public static void main(String[] args) throws IOException {
        var numbers = shuffled(args.length == 0 ? SIZE : Integer.parseInt(args[0]));
        var folder = Files.createTempDirectory("mergesort");
        int[] byMessages;
        int[] byFiles;
        try (var muster = Muster.connect()) {
            var start = System.nanoTime();
            byMessages = sortByMessages(muster, numbers);
            IO.println("by workers, numbers in messages  %.2f s".formatted(secondsSince(start)));

            start = System.nanoTime();
            byFiles = sortByFiles(muster, numbers, folder);
            IO.println("by workers, numbers in files     %.2f s".formatted(secondsSince(start)));
        } finally {
            delete(folder);
        }

        var start = System.nanoTime();
        var local = sort(numbers);
        IO.println("here                             %.2f s".formatted(secondsSince(start)));

        var expected = numbers.clone();
        Arrays.sort(expected);
        var equal = List.of(byMessages, byFiles, local).stream().allMatch(sorted -> Arrays.equals(sorted, expected));
        IO.println(equal ? "all agree with Arrays.sort" : "THE RESULTS DIFFER");
        if (!equal) {
            System.exit(1);
        }
    }

    private static int[] sortByMessages(Muster muster, int[] numbers) {
        var sorted = group(chunks(numbers.length).stream()
                .map(chunk -> call(MergeSort::sort, Arrays.copyOfRange(numbers, chunk.from(), chunk.to()))));
        return muster.send(sorted.then(MergeSort::mergeAll)).get(Duration.ofMinutes(2));
    }

    private static int[] sortByFiles(Muster muster, int[] numbers, Path folder) throws IOException {
        var file = write(folder.resolve("numbers"), numbers);
        var sorted = group(chunks(numbers.length).stream()
                .map(chunk -> call(MergeSort::sortFile, file, chunk.from(), chunk.to())));
        return read(muster.send(sorted.then(MergeSort::mergeFiles)).get(Duration.ofMinutes(2)));
    }

    record Chunk(int from, int to) {}

    private static List<Chunk> chunks(int size) {
        return IntStream.range(0, CHUNKS)
                .mapToObj(chunk -> new Chunk(
                        (int) ((long) size * chunk / CHUNKS), (int) ((long) size * (chunk + 1) / CHUNKS)))
                .toList();
    }

    private static int[] read(String file) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(file)));
        var numbers = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(numbers);
        return numbers;
    }

    private static String write(Path file, int[] numbers) throws IOException {
        var bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES);
        bytes.asIntBuffer().put(numbers);
        return Files.write(file, bytes.array()).toString();
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static int[] shuffled(int size) {
        var numbers = new int[size];
        Arrays.setAll(numbers, index -> index);
        var random = new Random(size);
        for (var index = size - 1; index > 0; index--) {
            var other = random.nextInt(index + 1);
            var swapped = numbers[index];
            numbers[index] = numbers[other];
            numbers[other] = swapped;
        }
        return numbers;
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
