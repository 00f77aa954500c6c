package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Time limits and revocation, on the broker and the store in memory.
class LimitsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Tasks tasks = new Tasks();
    private final Muster muster = app(Map.of());
    private @Nullable Worker worker;

    private Muster app(Map<String, ?> settings) {
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", "memory:").withAll(settings))
                .register(tasks)
                .build();
    }

    private Worker start(Worker.Pool pool) {
        var started = muster.worker().pool(pool).concurrency(1).start();
        worker = started;
        assertThat(started.awaitReady(LONG)).isTrue();
        return started;
    }

    @AfterEach
    void close() {
        tasks.gate.release(1000);
        if (worker != null) {
            worker.close();
        }
        muster.close();
    }

    static class Tasks {
        private final Semaphore gate = new Semaphore(0);
        private final AtomicInteger started = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();

        /// Deaf to interruptions.
        @Task(name = "stuck", timeLimit = "200ms")
        void stuck() {
            started.incrementAndGet();
            gate.acquireUninterruptibly();
            ended.incrementAndGet();
        }

        @Task(name = "late", acksLate = Task.Toggle.ON)
        void late() throws InterruptedException {
            started.incrementAndGet();
            gate.acquire();
        }

        @Task(name = "tidy", softTimeLimit = "100ms")
        String tidy() {
            try {
                gate.acquire();
                return "in time";
            } catch (InterruptedException e) {
                return "cleaned up: " + TaskContext.current().isSoftTimeLimitExceeded();
            }
        }

        @Task(name = "careless", softTimeLimit = "100ms")
        void careless() throws InterruptedException {
            gate.acquire();
        }

        @Task(name = "computing", softTimeLimit = "100ms")
        void computing(TaskContext task) {
            while (true) {
                task.checkTimeLimit();
                Thread.onSpinWait();
            }
        }

        @Task(name = "quick")
        String quick() {
            return "ran " + Thread.currentThread().isInterrupted();
        }

        @Task(name = "gated")
        void gated() {
            started.incrementAndGet();
            gate.acquireUninterruptibly();
            ended.incrementAndGet();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROCESSES")
    void atTheHardLimitTheTaskFailsAndItsSlotServesOthers(Worker.Pool pool) {
        start(pool);

        for (var round = 1; round <= 3; round++) {
            var stuck = muster.send(call("stuck"));
            assertThatThrownBy(() -> stuck.get(LONG))
                    .isInstanceOfSatisfying(
                            TaskFailedException.class,
                            failure -> {
                                assertThat(failure.remoteType())
                                        .isEqualTo("billiard.exceptions.TimeLimitExceeded");
                                assertThat(failure.remoteArguments()).containsExactly(0.2);
                            });
            assertThat(muster.send(call("quick")).get(LONG)).isEqualTo("ran false");
        }

        // What comes of it afterwards is not looked at any more, and takes no second slot away.
        tasks.gate.release(3);
        Awaitility.await().atMost(LONG).until(() -> tasks.ended.get() == 3);
        assertThat(muster.send(call("quick")).get(LONG)).isEqualTo("ran false");
    }

    @ParameterizedTest
    @EnumSource(names = {"THREADS", "VIRTUAL"})
    void theLimitOfACallCountsBeforeThatOfTheTask(Worker.Pool pool) {
        start(pool);

        var patient = muster.send(call("stuck").timeLimit(Duration.ofMinutes(10)));
        Awaitility.await().atMost(LONG).until(() -> tasks.started.get() == 1);
        var strict = muster.send(call("gated").timeLimit(Duration.ofMillis(100)));
        tasks.gate.release();

        assertThat(patient.get(LONG)).isNull();
        assertThatThrownBy(() -> strict.get(LONG)).hasMessageContaining("TimeLimitExceeded: 0.1");
    }

    @Test
    void theSettingsLimitTasksThatSayNothing() {
        try (var strict = app(Map.of("task_time_limit", "150ms", "task_soft_time_limit", "100s"));
                var _ = strict.worker().start()) {
            assertThatThrownBy(() -> strict.send(call("gated")).get(LONG))
                    .hasMessageContaining("TimeLimitExceeded");
        }
    }

    @Test
    void aSoftLimitAboveTheHardOneIsRefused() {
        assertThatThrownBy(() ->
                        muster.send(
                                call("quick")
                                        .timeLimit(Duration.ofSeconds(1))
                                        .softTimeLimit(Duration.ofSeconds(2))))
                .hasMessageContaining("2.0 s")
                .hasMessageContaining("1.0 s");
    }

    @ParameterizedTest
    @EnumSource(names = {"THREADS", "VIRTUAL"})
    void theSoftLimitInterruptsTheTaskWhichMayCleanUp(Worker.Pool pool) {
        start(pool);

        assertThat(muster.send(call("tidy")).get(LONG)).isEqualTo("cleaned up: true");
        for (var task : List.of("careless", "computing")) {
            assertThatThrownBy(() -> muster.send(call(task)).get(LONG))
                    .isInstanceOfSatisfying(
                            TaskFailedException.class,
                            failure -> {
                                assertThat(failure.remoteType())
                                        .isEqualTo("billiard.exceptions.SoftTimeLimitExceeded");
                                assertThat(failure.remoteArguments()).isEmpty();
                            });
        }
        assertThat(muster.send(call("quick")).get(LONG)).isEqualTo("ran false");
    }

    @Test
    void aTimeOutGoesBackToTheQueueWhenItIsNotToBeAcknowledged() {
        try (var app = app(Map.of("task_acks_on_failure_or_timeout", false))) {
            var result = app.send(call("late").timeLimit(Duration.ofMillis(100)));
            try (var _ = app.worker().concurrency(1).start()) {
                Awaitility.await().atMost(LONG).until(() -> tasks.started.get() >= 2);
                tasks.gate.release(1000);
                Awaitility.await().atMost(LONG).until(() -> result.state().equals(State.SUCCESS));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"THREADS", "VIRTUAL"})
    void whatIsRevokedWhileItWaitsIsNotStarted(Worker.Pool pool) {
        var started = start(pool);
        var running = muster.send(call("gated"));
        Awaitility.await().atMost(LONG).until(() -> tasks.started.get() == 1);
        var waiting = muster.send(call("gated"));
        var delayed = muster.send(call("gated").countdown(Duration.ofMillis(500)));

        started.revoke(List.of(waiting.id(), delayed.id(), running.id()), false);
        tasks.gate.release(1000);

        assertThat(running.get(LONG)).isNull();
        for (var result : List.of(waiting, delayed)) {
            assertThatThrownBy(() -> result.get(LONG))
                    .isInstanceOfSatisfying(
                            TaskRevokedException.class,
                            revoked ->
                                    assertThat(revoked.remoteArguments())
                                            .containsExactly("revoked"));
        }
        assertThat(tasks.started).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROCESSES")
    void whatRunsIsStoppedWhenItIsTerminated(Worker.Pool pool) {
        start(pool);
        var running = muster.send(call("gated"));
        Awaitility.await().atMost(LONG).until(() -> tasks.started.get() == 1);

        muster.terminate(running.id());

        assertThatThrownBy(() -> running.get(LONG))
                .isInstanceOfSatisfying(
                        TaskRevokedException.class,
                        revoked ->
                                assertThat(revoked.remoteArguments())
                                        .containsExactly("terminated"));
        assertThat(muster.send(call("quick")).get(LONG)).isEqualTo("ran false");
    }

    @Test
    void nobodyNeedsToListen() {
        muster.revoke("some-id");
        muster.terminate("some-id");
    }

    @Test
    void revokedTasksSurviveARestartOfTheWorker(@TempDir Path folder) {
        var file = folder.resolve("revoked.json");
        try (var first = muster.worker().stateFile(file).start()) {
            first.revoke(List.of("a", "ü\n\"b"), false);
        }
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));

        var result = muster.send(call("quick").id("a"));
        try (var _ = muster.worker().stateFile(file).start()) {
            assertThatThrownBy(() -> result.get(LONG)).isInstanceOf(TaskRevokedException.class);
        }
    }

    @Test
    void aStateFileThatIsNoneDoesNotStopTheWorker(@TempDir Path folder) throws Exception {
        var file = folder.resolve("revoked.json");
        Files.writeString(file, "{\"revoked\": [");
        try (var broken = muster.worker().stateFile(file).start()) {
            assertThat(muster.send(call("quick")).get(LONG)).isEqualTo("ran false");
            broken.revoke(List.of("a"), false);
        }
        assertThat(Files.readString(file)).contains("\"a\"");
    }
}
