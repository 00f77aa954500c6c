package dev.muster.benchmarks;

import dev.muster.parallel.MapOptions;
import dev.muster.parallel.Pool;
import dev.muster.parallel.PoolFuture;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Process pools beside Python's `ProcessPoolExecutor`, two workers each, in turns.
///
/// The function adds 1, so that nothing but the pool is measured: the rate of many calls that are
/// submitted before the first result is read, of a map, and of a map by chunks; the time of a
/// single `submit(…).get()`; and the time from nothing to the first result, in a program that runs
/// already. Last, how much of two processors two computations get: 1 when two at once take as long
/// as one alone. Each round has a new pool, which is warmed before it is measured: Python's once,
/// as it compiles nothing, and ours several times.
final class ProcessPoolComparison {
    private static final int WORKERS = 2;
    private static final int LATENCIES = 2_000;
    private static final int CHUNK = 100;
    private static final int WARM_UP_PASSES = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /// Takes about as long as what the peer computes, a tenth of a second.
    private static final int FIB = 38;

    private static final int FIB_RUNS = 10;

    private final int calls;
    private final List<Integer> numbers;

    private ProcessPoolComparison(int calls) {
        this.calls = calls;
        this.numbers = IntStream.range(0, calls).boxed().toList();
    }

    static int inc(int n) {
        return n + 1;
    }

    static long fib(int n) {
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    /// @param args `--calls N`, `--rounds N`
    static void run(List<String> args) throws Exception {
        var calls = 50_000;
        var rounds = 5;
        for (var words = args.iterator(); words.hasNext(); ) {
            switch (words.next()) {
                case "--calls" -> calls = Integer.parseInt(words.next());
                case "--rounds" -> rounds = Integer.parseInt(words.next());
                default ->
                        throw new IllegalArgumentException("./bench pool [--calls N] [--rounds N]");
            }
        }
        new ProcessPoolComparison(calls).compare(rounds);
    }

    private void compare(int rounds) throws Exception {
        var muster = new Measurements();
        var python = new Measurements();
        for (var round = 1; round <= rounds; round++) {
            System.err.printf("process pools, round %d of %d%n", round, rounds);
            measureMuster(muster);
            measurePython(python);
        }
        System.out.printf(
                "%nProcess pools, %d workers, %,d calls; medians of %d rounds (smallest to largest)%n%n",
                WORKERS, calls, rounds);
        var table = new Table(muster).beside("Python's ProcessPoolExecutor", python);
        table.row("submit all, then read all, calls/s", "submit", Table.Better.MORE);
        table.row("map, calls/s", "map", Table.Better.MORE);
        table.row("map by chunks of %d, calls/s".formatted(CHUNK), "chunks", Table.Better.MORE);
        table.row("submit(…).get(), median, µs", "p50", Table.Better.LESS);
        table.row("submit(…).get(), 99 of 100, µs", "p99", Table.Better.LESS);
        table.row("new pool to first result, ms", "start", Table.Better.LESS);
        table.row("one fib alone / two at once", "efficiency", Table.Better.MORE);
    }

    private void measureMuster(Measurements into) throws Exception {
        var start = System.nanoTime();
        try (var pool = Pool.processes(WORKERS)) {
            pool.submit(ProcessPoolComparison::inc, 0).get();
            into.add("start", seconds(start) * 1e3);

            warm(pool);

            start = System.nanoTime();
            submitAll(pool);
            into.add("submit", calls / seconds(start));

            start = System.nanoTime();
            mapAll(pool, 1);
            into.add("map", calls / seconds(start));

            start = System.nanoTime();
            mapAll(pool, CHUNK);
            into.add("chunks", calls / seconds(start));

            var times = oneByOne(pool, LATENCIES);
            into.add("p50", times[times.length / 2] / 1e3);
            into.add("p99", times[times.length * 99 / 100] / 1e3);

            fibs(pool, WORKERS);
            into.add("efficiency", fibs(pool, 1) / fibs(pool, WORKERS));
        }
    }

    /// Children begin as new JVMs, which have compiled nothing yet.
    private void warm(Pool pool) throws Exception {
        for (var pass = 0; pass < WARM_UP_PASSES; pass++) {
            submitAll(pool);
            mapAll(pool, CHUNK);
            oneByOne(pool, LATENCIES);
        }
    }

    private void submitAll(Pool pool) throws Exception {
        var futures = new ArrayList<PoolFuture<Integer>>();
        for (var number : numbers) {
            futures.add(pool.submit(ProcessPoolComparison::inc, number));
        }
        var sum = 0L;
        for (var future : futures) {
            sum += future.get();
        }
        check(sum);
    }

    private void mapAll(Pool pool, int chunk) {
        var options = MapOptions.DEFAULT.withChunkSize(chunk);
        var results = pool.map(ProcessPoolComparison::inc, numbers, options);
        check(results.stream().mapToLong(Integer::longValue).sum());
    }

    private void check(long sum) {
        var expected = LongStream.rangeClosed(1, calls).sum();
        if (sum != expected) {
            throw new IllegalStateException("the sum is %d, not %d".formatted(sum, expected));
        }
    }

    /// @return the nanoseconds of each call, the shortest first
    private static long[] oneByOne(Pool pool, int calls) throws Exception {
        var times = new long[calls];
        for (var index = 0; index < times.length; index++) {
            var start = System.nanoTime();
            pool.submit(ProcessPoolComparison::inc, index).get();
            times[index] = System.nanoTime() - start;
        }
        Arrays.sort(times);
        return times;
    }

    /// @return the seconds of the fastest of some runs, as others use the processors as well
    private static double fibs(Pool pool, int count) {
        var fastest = Double.MAX_VALUE;
        for (var run = 0; run < FIB_RUNS; run++) {
            var start = System.nanoTime();
            pool.map(ProcessPoolComparison::fib, Collections.nCopies(count, FIB));
            fastest = Math.min(fastest, seconds(start));
        }
        return fastest;
    }

    private void measurePython(Measurements into) throws Exception {
        var folder = Files.createTempDirectory("muster-bench");
        var script = folder.resolve("pool_peer.py");
        try (var source =
                Objects.requireNonNull(
                        ProcessPoolComparison.class.getResourceAsStream("pool_peer.py"))) {
            Files.copy(source, script);
        }
        var command = new ArrayList<>(List.of("/usr/bin/python3", script.toString()));
        List.of(WORKERS, calls, LATENCIES, CHUNK).forEach(number -> command.add(number.toString()));
        try (var peer = Child.start(command, Map.of(), folder)) {
            peer.endAfter(PATIENCE);
            peer.drain(line -> {
                if (into.addLine(line).isEmpty()) {
                    System.err.println("  " + line);
                }
            });
        } finally {
            Files.delete(script);
            Files.delete(folder);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
