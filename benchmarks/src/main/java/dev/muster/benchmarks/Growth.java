package dev.muster.benchmarks;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What tasks cost as there is more of everything: messages that wait, queues, bytes in a message,
/// slots, workers, members of a group. A line for each size, one thing growing at a time.
final class Growth {
    private static final int SLOTS = 2;
    private static final int PREFETCH = 4;
    private static final int LATENCIES = 500;
    private static final int PORTION = 10_000;
    private static final int PAUSE_MILLISECONDS = 10;

    /// Bytes of arguments, in all messages together, and in those that are sent by one call.
    private static final int MOST_PAYLOAD = 200_000_000;

    private static final int MOST_SENT_AT_ONCE = 20_000_000;

    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /// The columns; not every kind of growth has all.
    private static final List<Quantity> QUANTITIES =
            List.of(
                    Quantity.more("sent", "sent, messages/s"),
                    Quantity.more("rate", "run, tasks/s"),
                    Quantity.less("p50", "send(…).get(), median, ms"),
                    Quantity.less("p99", "99 of 100, ms"),
                    Quantity.less("cpu", "workers' CPU, s per 1,000 tasks"),
                    Quantity.less("memory", "workers' peak memory, MB"));

    private final BenchBroker broker;
    private final int tasks;

    private Growth(BenchBroker broker, int tasks) {
        this.broker = broker;
        this.tasks = tasks;
    }

    /// Something that grows.
    ///
    /// @param label with a place for the size
    /// @param largest measured only when asked for the largest sizes; 0 for none
    private record Kind(String label, List<Integer> sizes, int largest, Measuring measuring) {
        @FunctionalInterface
        private interface Measuring {
            void measure(Growth on, int size, Measurements into);
        }

        List<Integer> sizes(boolean full) {
            var last = full && largest > 0 ? Stream.of(largest) : Stream.<Integer>empty();
            return Stream.concat(sizes.stream(), last).toList();
        }
    }

    private static final List<Kind> KINDS =
            List.of(
                    new Kind("%,d queued", List.of(1_000, 100_000), 1_000_000, Growth::queued),
                    new Kind(
                            "%,d for tomorrow",
                            List.of(1_000, 100_000), 1_000_000, Growth::delayed),
                    new Kind("%,d queues", List.of(1, 10, 100), 1_000, Growth::queues),
                    new Kind(
                            "%,d bytes in a message",
                            List.of(100, 10_000, 1_000_000, 10_000_000), 0, Growth::payload),
                    new Kind(
                            "%,d slots, tasks of " + PAUSE_MILLISECONDS + " ms",
                            List.of(1, 10, 100, 1_000),
                            0,
                            Growth::slots),
                    new Kind("%,d workers", List.of(1, 2, 4, 8), 16, Growth::workers),
                    new Kind(
                            "%,d members of a group",
                            List.of(1_000, 10_000), 100_000, Growth::groups));

    static void run(Options options, Report report) throws Exception {
        var rounds = options.count(Option.ROUNDS);
        var name = options.text(Option.BROKER).orElse("redis");
        var columns =
                Stream.concat(Stream.of(""), QUANTITIES.stream().map(Quantity::label)).toList();
        for (var kind : KINDS) {
            var rows = new ArrayList<List<String>>();
            for (var size : kind.sizes(options.has(Option.FULL))) {
                var label = kind.label().formatted(size);
                var measured = new Measurements();
                for (var round = 1; round <= rounds; round++) {
                    System.err.printf("%s, round %d of %d%n", label, round, rounds);
                    try (var broker = BenchBroker.open(name)) {
                        var on = new Growth(broker, options.count(Option.TASKS));
                        kind.measuring().measure(on, size, measured);
                    }
                }
                rows.add(row(label, measured));
            }
            var title =
                    "Growth on %s, %s: one worker with %d slots where nothing else is said; medians of %d rounds"
                            .formatted(name, kind.label().replace("%,d ", ""), SLOTS, rounds);
            report.add(title, new Table(columns, rows));
        }
    }

    private static List<String> row(String label, Measurements measured) {
        var cells =
                QUANTITIES.stream()
                        .map(quantity ->
                                measured.has(quantity.name())
                                        ? Measurements.shown(quantity.of(measured))
                                        : "");
        return Stream.concat(Stream.of(label), cells).toList();
    }

    /// Some workers and a client, all warm.
    private record Bench(Muster client, List<Child> workers) implements AutoCloseable {
        double cpuMillis() {
            return workers.stream().mapToLong(Child::cpuMillis).sum();
        }

        @Override
        public void close() {
            client.close();
            workers.forEach(Child::close);
        }
    }

    private Bench bench(int workers, int slots, String... queues) {
        var settings = settings(queues[0]);
        var bench = new Bench(BenchBroker.client(settings), new ArrayList<>());
        try {
            for (var number = 0; number < workers; number++) {
                bench.workers().add(broker.worker(settings, slots, "-Q", String.join(",", queues)));
            }
            QueueComparison.warm(bench.client(), call("bench.noop"));
            return bench;
        } catch (RuntimeException e) {
            bench.close();
            throw e;
        }
    }

    private Map<String, String> settings(String queue) {
        return broker.settings(queue, PREFETCH);
    }

    private static String newQueue() {
        return "growth-" + UUID.randomUUID();
    }

    /// A worker reads one queue, while many messages wait in another; then it reads that one.
    private void queued(int size, Measurements into) {
        var queue = newQueue();
        var full = newQueue();
        var noop = call("bench.noop");
        try (var bench = bench(1, SLOTS, queue)) {
            into.add("sent", send(bench.client(), noop.queue(full), size));
            addLatencies(bench, noop, into);
            var start = System.nanoTime();
            var cpu = bench.cpuMillis();
            bench.client().control().ask("add_consumer", Map.of("queue", full));
            bench.client().send(noop.queue(full)).get(PATIENCE);
            into.add("rate", size / seconds(start));
            into.add("cpu", (bench.cpuMillis() - cpu) / size);
            addMemory(bench, into);
        }
    }

    /// Tasks run while many others wait for their time in the same queue.
    private void delayed(int size, Measurements into) {
        var noop = call("bench.noop");
        try (var bench = bench(1, SLOTS, newQueue())) {
            into.add("sent", send(bench.client(), noop.countdown(Duration.ofDays(1)), size));
            addRate(bench, List.of(noop), tasks, into);
            addLatencies(bench, noop, into);
            addMemory(bench, into);
        }
    }

    private void queues(int size, Measurements into) {
        var queues = Stream.generate(Growth::newQueue).limit(size).toArray(String[]::new);
        try (var bench = bench(1, SLOTS, queues)) {
            var calls = Stream.of(queues).map(queue -> call("bench.noop").queue(queue)).toList();
            addRate(bench, calls, tasks, into);
            addLatencies(bench, calls.getLast(), into);
            addMemory(bench, into);
        }
    }

    private void payload(int size, Measurements into) {
        var take = call("bench.take", "x".repeat(size));
        try (var bench = bench(1, SLOTS, newQueue())) {
            var most = MOST_PAYLOAD / size;
            addRate(bench, List.of(take), Math.min(tasks, most), MOST_SENT_AT_ONCE / size, into);
            addLatencies(bench, take, Math.min(LATENCIES, most), into);
            addMemory(bench, into);
        }
    }

    private void slots(int size, Measurements into) {
        var pause = call("bench.wait", PAUSE_MILLISECONDS);
        try (var bench = bench(1, size, newQueue())) {
            addRate(bench, List.of(pause), (int) Math.min(tasks, 200L * size), into);
            addLatencies(bench, pause, into);
            addMemory(bench, into);
        }
    }

    private void workers(int size, Measurements into) {
        var noop = call("bench.noop");
        try (var bench = bench(size, SLOTS, newQueue())) {
            addRate(bench, List.of(noop), tasks, into);
            addLatencies(bench, noop, into);
            addMemory(bench, into);
        }
    }

    /// From sending a group to having the values of all its members.
    private void groups(int size, Measurements into) {
        try (var bench = bench(1, SLOTS, newQueue())) {
            var members = IntStream.range(0, size).mapToObj(n -> call(BenchTasks::same, n));
            var start = System.nanoTime();
            var cpu = bench.cpuMillis();
            var values = bench.client().send(group(members)).get(PATIENCE);
            if (values.size() != size) {
                throw new IllegalStateException("%d values of %d".formatted(values.size(), size));
            }
            into.add("rate", size / seconds(start));
            into.add("cpu", (bench.cpuMillis() - cpu) / size);
            addMemory(bench, into);
        }
    }

    /// Runs the calls in turns, as often as it takes, results ignored.
    private static void addRate(
            Bench bench, List<Signature<@Nullable Object>> calls, int count, Measurements into) {
        addRate(bench, calls, count, PORTION, into);
    }

    private static void addRate(
            Bench bench,
            List<Signature<@Nullable Object>> calls,
            int count,
            int portion,
            Measurements into) {
        var cpu = bench.cpuMillis();
        var start = System.nanoTime();
        var share = Math.ceilDiv(count, calls.size());
        for (var call : calls) {
            send(bench.client(), call, share, portion);
        }
        bench.client().sendAll(calls).forEach(result -> result.get(PATIENCE));
        var sent = share * calls.size();
        into.add("rate", sent / seconds(start));
        into.add("cpu", (bench.cpuMillis() - cpu) / sent);
    }

    /// @return messages per second
    private static double send(Muster client, Signature<@Nullable Object> call, int count) {
        return send(client, call, count, PORTION);
    }

    /// @param portion the most that are sent by one call
    private static double send(
            Muster client, Signature<@Nullable Object> call, int count, int portion) {
        var start = System.nanoTime();
        var ignored = call.ignoreResult(true);
        for (var left = count; left > 0; left -= portion) {
            client.sendAll(Collections.nCopies(Math.min(left, portion), ignored));
        }
        return count / seconds(start);
    }

    private static void addLatencies(Bench bench, Signature<?> call, Measurements into) {
        addLatencies(bench, call, LATENCIES, into);
    }

    private static void addLatencies(Bench bench, Signature<?> call, int count, Measurements into) {
        into.addLatencies(QueueComparison.latencies(bench.client(), call, count), 1e6);
    }

    private static void addMemory(Bench bench, Measurements into) {
        into.add("memory", bench.workers().stream().mapToDouble(Child::peakMegabytes).sum());
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
