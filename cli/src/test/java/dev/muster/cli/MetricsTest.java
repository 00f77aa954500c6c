package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir private Path folder;

    private static String read(String url) {
        try (var answer = URI.create(url).toURL().openStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitMetrics(String url, String... lines) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(read(url).lines()).contains(lines));
    }

    @Test
    void prometheusReadsWhatAWorkerDoes() throws Exception {
        Cli.write(folder, "Waiter.java", WorkerTest.WAITER);
        var broker = "sqlite:" + folder.resolve("queue.db");
        try (var worker =
                MusterProcess.start(
                        folder,
                        "worker",
                        "-A",
                        "Waiter.java",
                        "-b",
                        broker,
                        "-c",
                        "1",
                        "--prefetch-multiplier",
                        "1",
                        "-n",
                        "a@b",
                        "--http",
                        "0",
                        "--metrics")) {
            var page = ProbesTest.address(worker) + "/metrics";
            for (var file : new String[] {"first", "second", "third"}) {
                Cli.run("call", "Waiter.until", file, "-b", broker);
            }

            worker.awaitOutput("waiting for first");
            awaitMetrics(
                    page,
                    "muster_task_running{task=\"Waiter.until\"} 1.0",
                    "muster_worker_slots{worker=\"a@b\"} 1.0",
                    "muster_worker_slots_used{worker=\"a@b\"} 1.0",
                    "muster_queue_depth{queue=\"celery\",worker=\"a@b\"} 2.0");
            for (var file : new String[] {"first", "second", "third"}) {
                Files.createFile(folder.resolve(file));
            }
            awaitMetrics(
                    page,
                    "muster_task_run_seconds_count{state=\"success\",task=\"Waiter.until\"} 3",
                    "muster_task_run_seconds_bucket{state=\"success\",task=\"Waiter.until\",le=\"+Inf\"} 3",
                    "muster_task_queue_time_seconds_count{task=\"Waiter.until\"} 3",
                    "muster_queue_depth{queue=\"celery\",worker=\"a@b\"} 0.0");
            assertThat(read(page)).contains("jvm_memory_used_bytes", "process_cpu_usage");
        }
    }

    @Test
    void withoutAnAddressTheyAreWrongUse() {
        var app = Cli.write(folder, "Waiter.java", WorkerTest.WAITER).toString();
        var outcome = Cli.run("worker", "-A", app, "-b", "memory:", "--metrics");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("--http 0.0.0.0:8080");
    }
}
