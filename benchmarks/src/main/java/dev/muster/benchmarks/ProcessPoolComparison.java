package dev.muster.benchmarks;

import dev.muster.parallel.MapOptions;
import dev.muster.parallel.Pool;
import dev.muster.parallel.PoolFuture;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

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

    static void run(Options options, Report report) throws Exception {
        var calls = options.count(Option.CALLS);
        var of = new ProcessPoolComparison(calls);
        var chunks = "map by chunks of %d, calls/s".formatted(CHUNK);
        new Comparison(
                        "Process pools, %d workers, %,d calls".formatted(WORKERS, calls),
                        List.of(
                                Quantity.more("submit", "submit all, then read all, calls/s"),
                                Quantity.more("map", "map, calls/s"),
                                Quantity.more("chunks", chunks),
                                Quantity.less("p50", "submit(…).get(), median, µs"),
                                Quantity.less("p99", "submit(…).get(), 99 of 100, µs"),
                                Quantity.less("start", "new pool to first result, ms"),
                                Quantity.more("efficiency", "one fib alone / two at once")),
                        List.of(
                                new Contestant("Muster", of::measureMuster),
                                new Contestant("ProcessPoolExecutor", of::measurePython)))
                .run(options.count(Option.ROUNDS), report);
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

            into.addLatencies(oneByOne(pool, LATENCIES), 1e3);

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

    /// @return the nanoseconds of each call
    private static long[] oneByOne(Pool pool, int calls) throws Exception {
        var times = new long[calls];
        for (var index = 0; index < times.length; index++) {
            var start = System.nanoTime();
            pool.submit(ProcessPoolComparison::inc, index).get();
            times[index] = System.nanoTime() - start;
        }
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

    private void measurePython(Measurements into) throws IOException {
        var folder = Files.createTempDirectory("muster-bench");
        var counts =
                Stream.of(WORKERS, calls, LATENCIES, CHUNK).map(count -> count.toString()).toList();
        try (var peer = Child.python("pool_peer.py", counts, Map.of(), folder)) {
            peer.measure(PATIENCE, into);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
