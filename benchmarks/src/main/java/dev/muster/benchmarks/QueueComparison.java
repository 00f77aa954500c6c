package dev.muster.benchmarks;

import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tasks that do nothing, on one broker: one worker with two slots, beside who else there is for
/// this broker.
///
/// Celery is on Redis and RabbitMQ, on the same server; JobRunr and db-scheduler are on PostgreSQL.
/// Redis and RabbitMQ have a floor: what their own Java client reaches without any task queue.
final class QueueComparison {
    private static final int SLOTS = 2;
    private static final int LATENCIES = 2_000;

    /// For so many tasks, the warm-up has one round trip besides.
    private static final int TASKS_PER_ROUND_TRIP = 5;

    private static final int CALLS_PER_PATH = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final List<Quantity> QUANTITIES =
            List.of(
                    Quantity.more("send", "send many, messages/s"),
                    Quantity.more("send one by one", "send one by one, messages/s"),
                    Quantity.more("first", "end to end, the first tasks of a worker, tasks/s"),
                    Quantity.more("ignored", "end to end, results ignored, tasks/s"),
                    Quantity.more("kept", "end to end, results kept and read, tasks/s"),
                    Quantity.less("p50", "send(…).get(), median, ms"),
                    Quantity.less("confirmed", "send(…).get(), median, its publish confirmed, ms"),
                    Quantity.less("p99", "send(…).get(), 99 of 100, ms"),
                    Quantity.less("cpu", "worker's CPU, s per 1,000 tasks"),
                    Quantity.less("memory", "worker's peak memory, MB"));

    private final BenchBroker broker;
    private final int tasks;
    private final int warmUp;
    private final int prefetchMultiplier;

    private QueueComparison(BenchBroker broker, int tasks, int warmUp, int prefetchMultiplier) {
        this.broker = broker;
        this.tasks = tasks;
        this.warmUp = warmUp;
        this.prefetchMultiplier = prefetchMultiplier;
    }

    static void run(String name, Options options, Report report) throws Exception {
        run(name, options, report, of -> of.contestants(!options.has(Option.NO_PEERS)));
    }

    /// Workers that run tasks on platform threads, beside those that run them on virtual ones.
    static void runThreads(Options options, Report report) throws Exception {
        var name = options.text(Option.BROKER).orElse("redis");
        run(
                name,
                options,
                report,
                of ->
                        List.of(
                                new Contestant(
                                        "platform threads", into -> of.measure("threads", into)),
                                new Contestant(
                                        "virtual threads", into -> of.measure("virtual", into))));
    }

    private static void run(
            String name,
            Options options,
            Report report,
            Function<QueueComparison, List<Contestant>> contestants)
            throws Exception {
        try (var broker = BenchBroker.open(name)) {
            var tasks = options.count(Option.TASKS);
            var prefetch = options.count(Option.PREFETCH);
            var of = new QueueComparison(broker, tasks, options.number(Option.WARM_UP), prefetch);
            var title =
                    "%s: %,d tasks that do nothing, one worker with %d slots, prefetch %d"
                            .formatted(name, tasks, SLOTS, SLOTS * prefetch);
            new Comparison(title, QUANTITIES, contestants.apply(of))
                    .run(options.count(Option.ROUNDS), report);
        }
    }

    private List<Contestant> contestants(boolean withPeers) {
        var contestants =
                new ArrayList<>(
                        List.of(new Contestant("Muster", into -> measure("threads", into))));
        var peers =
                switch (broker.name()) {
                    case "redis", "rabbitmq" ->
                            List.of(new Contestant("Celery", this::measureCelery));
                    case "postgresql" ->
                            List.of(
                                    new Contestant("JobRunr", peer(JobRunrPeer.class)),
                                    new Contestant("db-scheduler", peer(DbSchedulerPeer.class)));
                    default -> List.<Contestant>of();
                };
        if (withPeers) {
            contestants.addAll(peers);
        }
        switch (broker.name()) {
            case "redis" -> contestants.add(new Contestant("Jedis alone", this::measureJedis));
            case "rabbitmq" ->
                    contestants.add(new Contestant("Java client alone", this::measureRabbit));
            default -> {}
        }
        return contestants;
    }

    /// @param pool what the worker runs tasks on, as `-P` takes it
    private void measure(String pool, Measurements into) {
        var settings = broker.settings("bench-" + UUID.randomUUID(), prefetchMultiplier);
        try (var worker = broker.worker(settings, SLOTS, "-P", pool);
                var client = BenchBroker.client(settings)) {
            var noop = call("bench.noop");
            client.send(noop).get(PATIENCE);
            into.add("first", runIgnored(client, noop, tasks));
            runIgnored(client, noop, warmUp);
            warm(client, noop);
            latencies(client, noop, warmUp / TASKS_PER_ROUND_TRIP);
            measureSending(client, noop.ignoreResult(true).queue("bench-unread"), into);

            var cpu = worker.cpuMillis();
            into.add("ignored", runIgnored(client, noop, tasks));
            into.add("cpu", (double) (worker.cpuMillis() - cpu) / tasks);

            var start = System.nanoTime();
            List<Result<@Nullable Object>> results =
                    client.sendAll(Collections.nCopies(tasks, noop));
            results.forEach(result -> result.get(PATIENCE));
            into.add("kept", tasks / seconds(start));

            var latencies = latencies(client, noop, LATENCIES);
            into.addLatencies(latencies, 1e6);
            if (broker.name().equals("rabbitmq")) { // each is
                into.addPart("confirmed", latencies, 50, 1e6);
            }
            into.add("memory", worker.peakMegabytes());
        }
    }

    /// @return tasks per second, from the first send to the last run
    private static double runIgnored(Muster client, Signature<?> call, int count) {
        var start = System.nanoTime();
        client.sendAll(Collections.nCopies(count, call.ignoreResult(true)));
        client.send(call).get(PATIENCE);
        return count / seconds(start);
    }

    /// Sends to a queue that nobody reads, so that it is the sending alone that is measured.
    private void measureSending(Muster client, Signature<?> unread, Measurements into) {
        client.sendAll(Collections.nCopies(CALLS_PER_PATH, unread));
        var start = System.nanoTime();
        client.sendAll(Collections.nCopies(tasks, unread));
        into.add("send", tasks / seconds(start));
        for (var count = 0; count < CALLS_PER_PATH; count++) {
            client.send(unread);
        }
        start = System.nanoTime();
        for (var count = 0; count < tasks; count++) {
            client.send(unread);
        }
        into.add("send one by one", tasks / seconds(start));
        client.purge("bench-unread");
    }

    /// Runs enough for the compilers of both JVMs to have seen each path.
    static void warm(Muster client, Signature<?> signature) {
        client.send(signature).get(PATIENCE);
        client.sendAll(Collections.nCopies(CALLS_PER_PATH, signature))
                .forEach(result -> result.get(PATIENCE));
    }

    /// @return the nanoseconds of each `send(…).get()`
    static long[] latencies(Muster client, Signature<?> signature, int count) {
        var times = new long[count];
        for (var index = 0; index < count; index++) {
            var start = System.nanoTime();
            client.send(signature).get(PATIENCE);
            times[index] = System.nanoTime() - start;
        }
        return times;
    }

    private void measureCelery(Measurements into) {
        var environment =
                Map.of(
                        "BROKER", broker.url(),
                        "RESULTS", broker.results(),
                        "PREFETCH", String.valueOf(prefetchMultiplier));
        var counts = List.of(String.valueOf(tasks), String.valueOf(LATENCIES));
        try (var worker = Child.celery("celery_peer.py", SLOTS, environment, broker.folder());
                var client = Child.python("celery_peer.py", counts, environment, broker.folder())) {
            var cpu = new AtomicLong();
            client.measure(
                    PATIENCE,
                    into,
                    quantity -> {
                        switch (quantity) {
                            case "first" -> cpu.set(worker.cpuMillis());
                            case "ignored" ->
                                    into.add(
                                            "cpu",
                                            (double) (worker.cpuMillis() - cpu.get()) / tasks);
                            default -> {}
                        }
                    });
            into.add("memory", worker.peakMegabytes());
        }
    }

    /// What sends and runs jobs in one process, as these libraries are made to be used.
    private Contestant.Round peer(Class<?> main) {
        return into -> {
            var url = "jdbc:" + broker.url().replaceFirst("//(.*)@(.*)", "//$2?user=$1");
            var options = List.of("-XX:+UseG1GC", "-Dlogback.configurationFile=quiet.xml");
            var arguments = List.of(url, String.valueOf(SLOTS), String.valueOf(tasks));
            try (var process = Child.java(main, options, arguments, broker.folder())) {
                process.measure(PATIENCE, into);
            }
        };
    }

    private void measureJedis(Measurements into) throws Exception {
        try (var raw = new RawRedis(broker.url(), SLOTS * prefetchMultiplier)) {
            into.add("first", raw.endToEnd(tasks));
            raw.endToEnd(warmUp);
            raw.roundTrips(warmUp / TASKS_PER_ROUND_TRIP);
            into.add("send", raw.send(tasks));
            into.add("ignored", raw.endToEnd(tasks));
            into.addLatencies(raw.roundTrips(LATENCIES), 1e6);
        }
    }

    private void measureRabbit(Measurements into) throws Exception {
        try (var raw = new RawRabbit(broker.url(), SLOTS * prefetchMultiplier)) {
            into.add("first", raw.endToEnd(tasks));
            raw.endToEnd(warmUp);
            raw.roundTrips(warmUp / TASKS_PER_ROUND_TRIP, false);
            var rate = raw.send(tasks);
            into.add("send", rate);
            into.add("send one by one", rate);
            into.add("ignored", raw.endToEnd(tasks));
            into.addLatencies(raw.roundTrips(LATENCIES, false), 1e6);
            into.addPart("confirmed", raw.roundTrips(LATENCIES, true), 50, 1e6);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
