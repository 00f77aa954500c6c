package dev.muster.benchmarks;

import static dev.muster.benchmarks.Table.Better.LESS;
import static dev.muster.benchmarks.Table.Better.MORE;
import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.PostgresServer;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Muster beside Celery, on the same servers in one run: a task that does nothing, one worker with
/// two slots.
///
/// For each broker and round, alternately: the rate of sending, the rate from the first send to the
/// last result (results ignored, and kept and read), and the time of `send(…).get()`. On RabbitMQ
/// also what its Java client reaches without any task queue: publish persistent messages with
/// confirms in a window, consume with the same prefetch, acknowledge.
final class QueueComparison {
    private static final int SLOTS = 2;
    private static final int LATENCIES = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final int tasks;
    private final int rounds;
    private final int prefetchMultiplier;
    private final Path folder;

    private QueueComparison(int tasks, int rounds, int prefetchMultiplier, Path folder) {
        this.tasks = tasks;
        this.rounds = rounds;
        this.prefetchMultiplier = prefetchMultiplier;
        this.folder = folder;
    }

    /// @param args brokers (`redis`, `rabbitmq`, `sqlite`, `postgresql`), `--tasks N`, `--rounds
    ///   N`, `--prefetch N`, `--no-celery`
    static void run(List<String> args) throws Exception {
        var brokers = new ArrayList<String>();
        var tasks = 20_000;
        var rounds = 3;
        var prefetch = 4;
        var celery = true;
        for (var words = args.iterator(); words.hasNext(); ) {
            var word = words.next();
            switch (word) {
                case "--tasks" -> tasks = Integer.parseInt(words.next());
                case "--rounds" -> rounds = Integer.parseInt(words.next());
                case "--prefetch" -> prefetch = Integer.parseInt(words.next());
                case "--no-celery" -> celery = false;
                default -> brokers.add(word);
            }
        }
        var folder = Files.createTempDirectory("muster-bench");
        try (var script =
                Objects.requireNonNull(
                        QueueComparison.class.getResourceAsStream("celery_peer.py"))) {
            Files.copy(script, folder.resolve("celery_peer.py"));
        }
        var comparison = new QueueComparison(tasks, rounds, prefetch, folder);
        for (var broker : brokers.isEmpty() ? List.of("redis", "rabbitmq") : brokers) {
            comparison.compare(broker, celery);
        }
    }

    private void compare(String broker, boolean withCelery) throws Exception {
        switch (broker) {
            case "redis" -> {
                try (var redis = RedisServer.create()) {
                    run(broker, redis.url(), redis.url(), withCelery);
                }
            }
            case "rabbitmq" -> {
                try (var rabbit = RabbitServer.create()) {
                    run(broker, rabbit.url(), "rpc://", withCelery);
                }
            }
            case "sqlite" -> {
                var url = "sqlite:" + folder.resolve("queue.db");
                run(broker, url, url, false);
            }
            case "postgresql" -> {
                try (var postgres = PostgresServer.createDurable()) {
                    run(broker, postgres.url(), postgres.url(), false);
                }
            }
            default -> throw new IllegalArgumentException("no such broker here: " + broker);
        }
    }

    private void run(String broker, String brokerUrl, String resultUrl, boolean withCelery)
            throws Exception {
        var muster = new Measurements();
        var celery = new Measurements();
        var raw = new Measurements();
        for (var round = 1; round <= rounds; round++) {
            System.err.printf("%s, round %d of %d%n", broker, round, rounds);
            measureMuster(brokerUrl, resultUrl, muster);
            if (withCelery) {
                measureCelery(brokerUrl, resultUrl, celery);
            }
            if (broker.equals("rabbitmq")) {
                raw.add("ignored", RawRabbit.rate(brokerUrl, tasks, SLOTS * prefetchMultiplier));
            }
        }
        print(broker, muster, celery, raw);
    }

    private void measureMuster(String brokerUrl, String resultUrl, Measurements into) {
        var queue = "bench-" + UUID.randomUUID();
        var properties =
                Map.of(
                        "broker_url", brokerUrl,
                        "result_backend", resultUrl,
                        "task_default_queue", queue,
                        "worker_prefetch_multiplier", String.valueOf(prefetchMultiplier));
        var options = new ArrayList<String>();
        properties.forEach((name, value) -> options.add("-Dmuster." + name + "=" + value));
        options.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dlogback.configurationFile=quiet.xml"));
        try (var worker =
                        Child.java(
                                BenchWorker.class,
                                options,
                                List.of(String.valueOf(SLOTS)),
                                folder);
                var client =
                        Muster.builder().settings(Settings.DEFAULT.withAll(properties)).build()) {
            worker.awaitLine("started");
            var noop = call("bench.noop");
            client.send(noop).get(PATIENCE);
            client.sendAll(Collections.nCopies(2_000, noop))
                    .forEach(result -> result.get(PATIENCE)); // warm both JVMs
            var cpu = worker.cpuMillis();

            var start = System.nanoTime();
            client.sendAll(Collections.nCopies(tasks, noop.ignoreResult(true)));
            into.add("send", tasks / seconds(start));
            client.send(noop).get(PATIENCE);
            into.add("ignored", tasks / seconds(start));
            into.add("cpu", (worker.cpuMillis() - cpu) * 1000.0 / tasks);

            start = System.nanoTime();
            for (var count = 0; count < tasks; count++) {
                client.send(noop.ignoreResult(true));
            }
            into.add("send one by one", tasks / seconds(start));
            client.send(noop).get(PATIENCE);

            start = System.nanoTime();
            List<Result<@Nullable Object>> results =
                    client.sendAll(Collections.nCopies(tasks, noop));
            results.forEach(result -> result.get(PATIENCE));
            into.add("kept", tasks / seconds(start));

            var times = new long[LATENCIES];
            for (var index = 0; index < times.length; index++) {
                start = System.nanoTime();
                client.send(noop).get(PATIENCE);
                times[index] = System.nanoTime() - start;
            }
            Arrays.sort(times);
            into.add("p50", times[times.length / 2] / 1e6);
            into.add("p99", times[times.length * 99 / 100] / 1e6);
        }
    }

    private void measureCelery(String brokerUrl, String resultUrl, Measurements into) {
        var environment =
                Map.of(
                        "BROKER",
                        brokerUrl,
                        "RESULTS",
                        resultUrl,
                        "PREFETCH",
                        String.valueOf(prefetchMultiplier));
        var command =
                List.of(
                        "/usr/bin/python3",
                        "-m",
                        "celery",
                        "-A",
                        "celery_peer",
                        "worker",
                        "-c",
                        String.valueOf(SLOTS),
                        "-l",
                        "INFO",
                        "--without-gossip",
                        "--without-mingle",
                        "--without-heartbeat");
        try (var worker = Child.start(command, environment, folder)) {
            worker.awaitLine("ready.");
            var cpu = worker.cpuMillis();
            var client =
                    List.of(
                            "/usr/bin/python3",
                            "celery_peer.py",
                            String.valueOf(tasks),
                            String.valueOf(LATENCIES));
            try (var measuring = Child.start(client, environment, folder)) {
                measuring.endAfter(PATIENCE);
                measuring.drain(line -> {
                    var quantity = into.addLine(line);
                    if (quantity.isEmpty()) {
                        System.err.println("  " + line);
                    } else if (quantity.get().equals("ignored")) {
                        into.add("cpu", (worker.cpuMillis() - cpu) * 1000.0 / tasks);
                    }
                });
            }
        }
    }

    private void print(String broker, Measurements muster, Measurements celery, Measurements raw) {
        System.out.printf(
                "%n%s: %,d tasks that do nothing, one worker with %d slots, prefetch %d; medians of %d rounds (smallest to largest)%n%n",
                broker, tasks, SLOTS, SLOTS * prefetchMultiplier, rounds);
        var table = new Table(muster).beside("Celery", celery);
        table.row("sendAll, messages/s", "send", MORE);
        table.row("send one by one, messages/s", "send one by one", "send", MORE);
        table.row("end to end, results ignored, tasks/s", "ignored", MORE);
        table.row("end to end, results kept and read, tasks/s", "kept", MORE);
        table.row("send(…).get(), median, ms", "p50", LESS);
        table.row("send(…).get(), 99 of 100, ms", "p99", LESS);
        table.row("worker's CPU, ms per 1,000 tasks", "cpu", LESS);
        if (raw.has("ignored")) {
            System.out.printf(
                    "  its own Java client, confirmed and acknowledged: %s messages/s (%s); Muster end to end reaches %.2f of it%n",
                    Measurements.shown(raw.median("ignored")),
                    raw.spread("ignored"),
                    muster.median("ignored") / raw.median("ignored"));
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
