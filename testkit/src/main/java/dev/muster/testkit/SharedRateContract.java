package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workers keep to a rate together. Extend it, and name a broker that keeps results, too.
@Timeout(180)
public abstract class SharedRateContract {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final List<Muster> apps = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();

    protected abstract String url();

    /// Whether two applications can meet at the broker.
    protected boolean isShared() {
        return true;
    }

    static final class Tasks {
        private Tasks() {}

        @Task(name = "rate.shared", rateLimit = "5/s", rateLimitScope = Task.Scope.CLUSTER)
        static long shared() {
            return System.nanoTime();
        }

        @Task(name = "rate.free")
        static String free() {
            return "free";
        }
    }

    @BeforeEach
    final void start() {
        var settings =
                Settings.DEFAULT.withAll(
                        Map.of(
                                "broker_url",
                                url(),
                                "task_default_queue",
                                "rate-" + UUID.randomUUID()));
        for (var number = 0; number < 2; number++) {
            if (isShared() || apps.isEmpty()) {
                apps.add(Muster.builder().settings(settings).tasks(Tasks.class).build());
            }
            workers.add(
                    apps.getLast()
                            .worker()
                            .hostname("worker" + number)
                            .concurrency(2)
                            .prefetchMultiplier(2)
                            .start());
            assertThat(workers.getLast().awaitReady(LONG)).isTrue();
        }
    }

    @AfterEach
    final void stop() {
        workers.forEach(Worker::close);
        apps.forEach(Muster::close);
    }

    @Test
    void twoWorkersTogetherStartATaskNoOftenerThanItMay() {
        var sent = System.nanoTime();
        var results =
                apps.getFirst()
                        .sendAll(
                                IntStream.range(0, 15)
                                        .mapToObj(_ -> call("rate.shared").returning(Long.class))
                                        .toList());

        var last = results.stream().mapToLong(result -> result.get(LONG)).max().orElseThrow();
        // Each alone would be at it for half the time. Two clocks may differ a little.
        assertThat(Duration.ofNanos(last - sent)).isGreaterThan(Duration.ofMillis(14 * 190));
    }

    @Test
    void aRateIsChangedWhileWorkersRun() {
        workers.forEach(worker -> worker.rateLimit("rate.shared", "2/h"));
        workers.forEach(worker -> worker.rateLimit("rate.shared", ""));
        var results =
                apps.getFirst()
                        .sendAll(IntStream.range(0, 4).mapToObj(_ -> call("rate.shared")).toList());

        results.forEach(result -> result.get(LONG));
    }
}
