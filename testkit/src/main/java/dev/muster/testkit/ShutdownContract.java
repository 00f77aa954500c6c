package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Task;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of the messages of a worker that is stopped, over a real broker: those that run,
/// and those that it has fetched ahead. Extend it once for each broker.
@Timeout(180)
public abstract class ShutdownContract {
    /// Long enough that only a lost task lets it pass.
    protected static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int TASKS = 20;
    private static final int RUNNING = 2;

    private final String queue = "shutdown-" + UUID.randomUUID();
    private final Gated gated = new Gated();
    private Muster muster;
    private Muster other;

    /// Broker, result store and options.
    protected abstract Map<String, Object> settings();

    /// Tasks that end when the test lets them.
    static final class Gated {
        private final Semaphore gate = new Semaphore(0);
        private final AtomicInteger started = new AtomicInteger();

        @Task(name = "shutdown.late", acksLate = Task.Toggle.ON)
        int late(int number) throws InterruptedException {
            return pass(number);
        }

        @Task(name = "shutdown.early", acksLate = Task.Toggle.OFF)
        int early(int number) throws InterruptedException {
            return pass(number);
        }

        private int pass(int number) throws InterruptedException {
            started.incrementAndGet();
            gate.acquire();
            return number;
        }
    }

    @BeforeEach
    final void open() {
        muster = app();
        other = app();
    }

    private Muster app() {
        return app(Map.of());
    }

    private Muster app(Map<String, Object> more) {
        var settings = new LinkedHashMap<>(settings());
        settings.put("task_default_queue", queue);
        settings.putAll(more);
        return Muster.builder()
                .settings(Settings.DEFAULT.withAll(settings))
                .register(gated)
                .build();
    }

    @AfterEach
    final void close() {
        gated.gate.release(1_000);
        muster.close();
        other.close();
    }

    private List<Result<Integer>> send(String task) {
        return muster.sendAll(
                IntStream.range(0, TASKS)
                        .mapToObj(number -> call(task, number).returning(Integer.class))
                        .toList());
    }

    /// A worker that runs two tasks and has fetched more.
    private Worker busyWorker(Muster app) {
        var worker = app.worker().concurrency(RUNNING).prefetchMultiplier(4).start();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        gated.started.get() == RUNNING
                                && muster.queueLength(queue) <= TASKS - RUNNING * 2);
        return worker;
    }

    @ParameterizedTest
    @ValueSource(strings = {"shutdown.late", "shutdown.early"})
    void aStoppedWorkerEndsWhatRunsAndGivesBackTheRest(String task) {
        assertEndsWhatRuns(task, Map.of(), Worker::stop);
    }

    @Test
    void aWorkerThatQuitsSoftlyLetsWhatRunsEndInItsTime() {
        assertEndsWhatRuns(
                "shutdown.early",
                Map.of("worker_soft_shutdown_timeout", "60s"),
                Worker::quitSoftly);
    }

    private void assertEndsWhatRuns(
            String task, Map<String, Object> settings, Consumer<Worker> end) {
        try (var app = app(settings)) {
            var results = send(task);
            var worker = busyWorker(app);

            end.accept(worker);
            assertThat(worker.awaitStopped(Duration.ofMillis(200))).as("it waits").isFalse();
            gated.gate.release(RUNNING);
            assertThat(worker.awaitStopped(PATIENCE)).isTrue();

            assertThat(gated.started).hasValue(RUNNING);
            assertThat(results.stream().filter(result -> result.state().isReady()))
                    .hasSize(RUNNING);
            awaitLength(TASKS - RUNNING);
            gated.gate.release(TASKS);
            assertAnswered(results);
            assertThat(gated.started).as("each ran once").hasValue(TASKS);
        }
    }

    @Test
    void lateAcknowledgedTasksOfAWorkerThatQuitsRunAgain() {
        assertGivesBackWhatRuns(Map.of(), Worker::quit);
    }

    @Test
    void whatTakesTooLongToStopGoesBackToTheQueue() {
        assertGivesBackWhatRuns(Map.of("worker_warm_shutdown_timeout", "300ms"), Worker::stop);
    }

    @Test
    void whatHasNotEndedInTheTimeOfASoftShutdownGoesBackToTheQueue() {
        assertGivesBackWhatRuns(
                Map.of("worker_soft_shutdown_timeout", "300ms"), Worker::quitSoftly);
    }

    private void assertGivesBackWhatRuns(Map<String, Object> settings, Consumer<Worker> end) {
        try (var app = app(settings)) {
            var results = send("shutdown.late");
            var worker = busyWorker(app);

            end.accept(worker);
            assertThat(worker.awaitStopped(PATIENCE)).isTrue();

            awaitLength(TASKS);
            gated.gate.release(TASKS);
            assertAnswered(results);
            assertThat(gated.started).hasValue(TASKS + RUNNING);
        }
    }

    @Test
    void earlyAcknowledgedTasksOfAWorkerThatQuitsAreRecordedAsLost() {
        var results = send("shutdown.early");
        var worker = busyWorker(other);

        worker.quit();
        assertThat(worker.awaitStopped(PATIENCE)).isTrue();

        awaitLength(TASKS - RUNNING);
        gated.gate.release(TASKS);
        try (var _ = other.worker().start()) {
            for (var number = 0; number < RUNNING; number++) {
                var lost = results.get(number);
                assertThatThrownBy(() -> lost.get(PATIENCE))
                        .isInstanceOfSatisfying(
                                TaskFailedException.class,
                                failure ->
                                        assertThat(failure.remoteType())
                                                .isEqualTo("billiard.exceptions.WorkerLostError"));
            }
            for (var number = RUNNING; number < TASKS; number++) {
                assertThat(results.get(number).get(PATIENCE)).isEqualTo(number);
            }
        }
    }

    private void awaitLength(long expected) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(muster.queueLength(queue)).isEqualTo(expected));
    }

    private void assertAnswered(List<Result<Integer>> results) {
        try (var _ = other.worker().start()) {
            for (var number = 0; number < TASKS; number++) {
                assertThat(results.get(number).get(PATIENCE)).isEqualTo(number);
            }
        }
    }
}
