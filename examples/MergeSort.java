import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Sorts 1,000,000 shuffled integers: workers sort four chunks and merge them, as a chord; then the same all here.
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

    static int[] merge(int[] left, int[] right) {
        var merged = new int[left.length + right.length];
        for (int l = 0, r = 0, out = 0; out < merged.length; out++) {
            merged[out] = r == right.length || l < left.length && left[l] <= right[r] ? left[l++] : right[r++];
        }
        return merged;
    }

    public static void main(String[] args) {
        var numbers = shuffled(args.length == 0 ? SIZE : Integer.parseInt(args[0]));

        var start = System.nanoTime();
        var distributed = sortByWorkers(numbers);
        IO.println("sorted by workers in  %.2f s".formatted(secondsSince(start)));

        start = System.nanoTime();
        var local = sort(numbers);
        IO.println("sorted here in        %.2f s".formatted(secondsSince(start)));

        var expected = numbers.clone();
        Arrays.sort(expected);
        var equal = Arrays.equals(distributed, expected) && Arrays.equals(local, expected);
        IO.println(equal ? "both agree with Arrays.sort" : "THE RESULTS DIFFER");
        if (!equal) {
            System.exit(1);
        }
    }

    private static int[] sortByWorkers(int[] numbers) {
        try (var muster = Muster.connect()) {
            var sorted = group(chunks(numbers).stream().map(chunk -> call(MergeSort::sort, chunk)));
            return muster.send(sorted.then(MergeSort::mergeAll)).get(Duration.ofMinutes(2));
        }
    }

    private static List<int[]> chunks(int[] numbers) {
        var chunks = new ArrayList<int[]>();
        for (var chunk = 0; chunk < CHUNKS; chunk++) {
            var from = (int) ((long) numbers.length * chunk / CHUNKS);
            var to = (int) ((long) numbers.length * (chunk + 1) / CHUNKS);
            chunks.add(Arrays.copyOfRange(numbers, from, to));
        }
        return chunks;
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
