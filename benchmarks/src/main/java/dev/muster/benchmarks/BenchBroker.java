package dev.muster.benchmarks;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.PostgresServer;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A broker and a result store to measure on, which live as long as this.
///
/// @param folder for the files of a comparison
/// @param stop ends its server
record BenchBroker(String name, String url, String results, Path folder, Runnable stop)
        implements AutoCloseable {
    private static final List<String> NAMES = List.of("redis", "rabbitmq", "sqlite", "postgresql");

    static String checked(String name) {
        if (!NAMES.contains(name)) {
            throw new UsageException(
                    "there is no broker '%s'; there are %s"
                            .formatted(name, String.join(", ", NAMES)));
        }
        return name;
    }

    static BenchBroker open(String name) throws IOException {
        var folder = Files.createTempDirectory("muster-bench");
        return switch (checked(name)) {
            case "redis" -> {
                var redis = RedisServer.create();
                yield new BenchBroker(name, redis.url(), redis.url(), folder, redis::close);
            }
            case "rabbitmq" -> {
                var rabbit = RabbitServer.create();
                yield new BenchBroker(name, rabbit.url(), "rpc://", folder, rabbit::close);
            }
            case "postgresql" -> {
                var postgres = PostgresServer.createDurable();
                yield new BenchBroker(
                        name, postgres.url(), postgres.url(), folder, postgres::close);
            }
            default -> {
                var url = "sqlite:" + folder.resolve("queue.db");
                yield new BenchBroker(name, url, url, folder, () -> {});
            }
        };
    }

    /// How a client and its workers find each other.
    ///
    /// @param prefetch `worker_prefetch_multiplier`
    Map<String, String> settings(String queue, int prefetch) {
        return Map.of(
                "broker_url", url,
                "result_backend", results,
                "task_default_queue", queue,
                "worker_prefetch_multiplier", String.valueOf(prefetch));
    }

    static Muster client(Map<String, String> settings) {
        return Muster.builder().settings(Settings.DEFAULT.withAll(settings)).build();
    }

    /// A worker of Muster, as it is started on a server. It may not be ready yet.
    ///
    /// @param options further ones of `muster worker`
    Child worker(Map<String, String> settings, int slots, String... options) {
        var command =
                new ArrayList<>(
                        List.of(
                                Distribution.command(),
                                "worker",
                                "-A",
                                BenchTasks.class.getName(),
                                "--classpath",
                                Distribution.ROOT.resolve("benchmarks/target/classes").toString(),
                                "-c",
                                String.valueOf(slots),
                                "-l",
                                "WARNING"));
        command.addAll(List.of(options));
        var environment = new HashMap<String, String>();
        settings.forEach(
                (name, value) -> environment.put("MUSTER_" + name.toUpperCase(Locale.ROOT), value));
        var worker = Child.start(command, environment, folder);
        worker.awaitLine("[tasks]");
        return worker;
    }

    /// The server is stopped, and a file that was its own is left to the temporary folder.
    @Override
    public void close() {
        stop.run();
    }
}
