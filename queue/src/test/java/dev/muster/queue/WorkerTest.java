package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fuzz.LogCapture;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What client and worker do together, on the broker and the store in memory.
class WorkerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Tasks tasks = new Tasks();
    private final Muster muster = app(Map.of());

    private Muster app(Map<String, ?> settings) {
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", "memory:").withAll(settings))
                .register(tasks)
                .build();
    }

    @AfterEach
    void close() {
        tasks.gate.release(1_000_000);
        muster.close();
    }

    record Point(int x, int y) {}

    /// The instance methods share a gate and counters with the test that registered the object.
    static class Tasks {
        private final Semaphore gate = new Semaphore(0);
        private final AtomicInteger started = new AtomicInteger();
        private final AtomicInteger running = new AtomicInteger();
        private final AtomicInteger mostRunning = new AtomicInteger();

        @Task
        static int add(int a, int b) {
            return a + b;
        }

        @Task
        static Point mirror(Point point) {
            return new Point(-point.x(), -point.y());
        }

        @Task
        static void fail(String message) throws IOException {
            throw new IOException(message);
        }

        @Task
        static Object unwritable() {
            return Double.NaN;
        }

        @Task
        static Thread thread() {
            return Thread.currentThread();
        }

        @Task
        static Runnable lambda() {
            return () -> {};
        }

        @Task
        static Object notAValue() {
            return new Object();
        }

        @Task
        static String where(TaskContext context) {
            return context.task()
                    + " "
                    + TaskContext.current().id()
                    + " "
                    + Thread.currentThread().isVirtual();
        }

        @Task
        static @Nullable Object headers(TaskContext context) {
            return context.headers().get("tenant");
        }

        @Task(queue = "second")
        static void elsewhere() {}

        @Task(ignoreResult = Task.Toggle.ON)
        static int ignored() {
            return 1;
        }

        @Task
        void gated() throws InterruptedException {
            pass();
        }

        @Task(acksLate = Task.Toggle.ON)
        void gatedLate() throws InterruptedException {
            pass();
        }

        private void pass() throws InterruptedException {
            started.incrementAndGet();
            mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                gate.acquire();
            } finally {
                running.decrementAndGet();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PROCESSES")
    void runsTasksOnEveryKindOfThread(Worker.Pool pool) {
        try (var _ = muster.worker().pool(pool).start()) {
            var results =
                    muster.sendAll(
                            IntStream.range(0, 100)
                                    .mapToObj(number -> call(Tasks::add, number, 1))
                                    .toList());

            assertThat(results.stream().map(result -> result.get(LONG)))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 100).boxed().toList());
        }
    }

    @Test
    void valuesKeepTheirTypes() {
        try (var _ = muster.worker().start()) {
            Result<Point> result = muster.send(call(Tasks::mirror, new Point(1, 2)));

            assertThat(result.get(LONG)).isEqualTo(new Point(-1, -2));
            assertThat(result.state()).isEqualTo(State.SUCCESS);
            assertThat(muster.result(result.id(), Point.class).poll()).contains(new Point(-1, -2));
        }
    }

    @Test
    void aFailureIsThrownWithItsTypeItsMessageAndItsCause() {
        try (var _ = muster.worker().start()) {
            var result = muster.send(call(Tasks::fail, "disk on fire"));

            assertThatThrownBy(() -> result.get(LONG))
                    .isInstanceOfSatisfying(
                            TaskFailedException.class,
                            failure -> {
                                assertThat(failure.remoteType()).isEqualTo("java.io.IOException");
                                assertThat(failure.remoteArguments())
                                        .containsExactly("disk on fire");
                                assertThat(failure)
                                        .hasCauseInstanceOf(IOException.class)
                                        .hasRootCauseMessage("disk on fire");
                                assertThat(failure.remoteTraceback().orElseThrow())
                                        .contains("WorkerTest$Tasks.fail")
                                        .doesNotContain("dev.muster.queue.TaskDefinition");
                            });
            assertThat(result.state()).isEqualTo(State.FAILURE);
            assertThat(result.traceback()).isPresent();
            assertThatThrownBy(() -> result.toCompletableFuture().join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(TaskFailedException.class);
        }
    }

    @Test
    void whatCannotBeRunOrStoredIsAFailureAndTheWorkerLives() {
        try (var _ = muster.worker().start()) {
            assertFails(
                    call("WorkerTest.Tasks.add", 1), "builtins.TypeError", "missing 1 required");
            assertFails(call("WorkerTest.Tasks.add", 1, "two"), "builtins.TypeError", "'b'");
            assertFails(call("no.such.task"), "celery.exceptions.NotRegistered", "no.such.task");
            assertFails(call(Tasks::unwritable), "kombu.exceptions.EncodeError", "NaN");
            assertFails(call(Tasks::notAValue), "kombu.exceptions.EncodeError", "Object");
            assertFails(call(Tasks::thread), "kombu.exceptions.EncodeError", "Thread");
            assertFails(call(Tasks::lambda), "kombu.exceptions.EncodeError", "no data");

            assertThat(muster.send(call(Tasks::add, 1, 2)).get(LONG)).isEqualTo(3);
        }
    }

    private void assertFails(Signature<?> signature, String type, String message) {
        assertThatThrownBy(() -> muster.send(signature).get(LONG))
                .isInstanceOfSatisfying(
                        TaskFailedException.class,
                        failure -> assertThat(failure.remoteType()).isEqualTo(type))
                .hasMessageContaining(message);
    }

    @Test
    void theContextIsAParameterAndCurrent() {
        try (var _ = muster.worker().start()) {
            assertThat(muster.send(call(Tasks::where).id("id-7")).get(LONG))
                    .isEqualTo("WorkerTest.Tasks.where id-7 false");
            assertThat(muster.send(call(Tasks::headers).header("tenant", "acme")).get(LONG))
                    .isEqualTo("acme");
        }
    }

    @Test
    void aRegisteredTaskThatIsCalledByNameIsSentAsItsAnnotationSays() {
        muster.send(call("WorkerTest.Tasks.elsewhere"));
        muster.send(call("WorkerTest.Tasks.elsewhere").queue("third"));

        assertThat(muster.queueLength("second")).isEqualTo(1);
        assertThat(muster.queueLength("third")).isEqualTo(1);
    }

    @Test
    void argumentsThatNoWorkerWouldReadAreNotSent() {
        try (var small = app(Map.of("message_max_bytes", 1000))) {
            assertThatThrownBy(() -> small.send(call(Tasks::fail, "x".repeat(1000))))
                    .isInstanceOf(EncodeException.class)
                    .hasMessageContaining("message_max_bytes")
                    .hasMessageContaining("WorkerTest.Tasks.fail");
            assertThat(small.queueLength("celery")).isZero();
        }
    }

    @Test
    void aWaitThatIsTooShortSaysSo() {
        var result = muster.send(call(Tasks::add, 1, 2));

        assertThat(result.state()).isEqualTo(State.PENDING);
        assertThat(result.poll()).isEmpty();
        assertThatThrownBy(() -> result.get(Duration.ofMillis(20)))
                .isInstanceOf(ResultTimeoutException.class)
                .hasMessageContaining("PENDING")
                .hasMessageContaining("worker");
    }

    @Test
    void anIgnoredResultCannotBeWaitedFor() {
        try (var _ = muster.worker().start()) {
            assertThatThrownBy(() -> muster.send(call(Tasks::ignored)).get(LONG))
                    .isInstanceOf(ResultStoreException.class)
                    .hasMessageContaining("ignored");
            assertThat(muster.send(call(Tasks::ignored).ignoreResult(false)).get(LONG))
                    .isEqualTo(1);
        }
    }

    @Test
    void anExpiredTaskIsRevokedAndNotRun() {
        var result = muster.send(call(tasks::gated).expires(Instant.now().minusSeconds(1)));

        try (var _ = muster.worker().start()) {
            assertThatThrownBy(() -> result.get(LONG))
                    .isInstanceOf(TaskRevokedException.class)
                    .hasMessageContaining("expired");
        }
        assertThat(tasks.started).hasValue(0);
    }

    @Test
    void noMoreTasksRunAtOnceThanThereAreSlots() {
        try (var _ = muster.worker().concurrency(3).start()) {
            var results =
                    muster.sendAll(
                            IntStream.range(0, 30).mapToObj(_ -> call(tasks::gated)).toList());
            Awaitility.await().until(() -> tasks.running.get() == 3);
            tasks.gate.release(30);
            results.forEach(result -> result.get(LONG));
        }

        assertThat(tasks.started).hasValue(30);
        assertThat(tasks.mostRunning).hasValue(3);
    }

    @Test
    void noMoreMessagesAreFetchedThanPrefetchAllows() {
        muster.sendAll(IntStream.range(0, 30).mapToObj(_ -> call(tasks::gated)).toList());

        try (var _ = muster.worker().concurrency(2).prefetchMultiplier(3).start()) {
            Awaitility.await().until(() -> tasks.running.get() == 2);
            Awaitility.await().until(() -> muster.queueLength("celery") == 24);
            Awaitility.await()
                    .during(Duration.ofMillis(100))
                    .until(() -> muster.queueLength("celery") == 24);
            tasks.gate.release(30);
        }
    }

    @Test
    void warmShutdownFinishesWhatRunsAndGivesBackWhatDoesNot() {
        var worker = muster.worker().concurrency(2).prefetchMultiplier(4).start();
        var results =
                muster.sendAll(IntStream.range(0, 10).mapToObj(_ -> call(tasks::gated)).toList());
        Awaitility.await().until(() -> tasks.running.get() == 2);

        worker.stop();
        assertThat(worker.awaitStopped(Duration.ofMillis(100))).isFalse();
        tasks.gate.release(10);

        assertThat(worker.awaitStopped(LONG)).isTrue();
        var done = results.stream().filter(result -> result.state().equals(State.SUCCESS)).count();
        assertThat(done).isBetween(2L, 4L);
        assertThat(muster.queueLength("celery")).isEqualTo(10 - done);
    }

    @Test
    void coldShutdownReturnsLateTasksAndRecordsTheLossOfEarlyOnes() {
        var worker = muster.worker().concurrency(2).start();
        var early = muster.send(call(tasks::gated));
        var late = muster.send(call(tasks::gatedLate));
        Awaitility.await().until(() -> tasks.running.get() == 2);

        worker.quit();

        assertThat(worker.awaitStopped(LONG)).isTrue();
        assertThatThrownBy(() -> early.get(LONG)).hasMessageContaining("WorkerLostError");
        assertThat(muster.queueLength("celery")).isEqualTo(1);

        tasks.gate.release(2);
        try (var _ = muster.worker().start()) {
            late.get(LONG);
        }
        assertThat(late.state()).isEqualTo(State.SUCCESS);
    }

    @Test
    void aTaskForLaterIsHeldAndDoesNotStopThoseForNow() {
        var eta = Instant.now().plusSeconds(1);
        muster.broker().declare(Queue.named("celery"));
        for (var number = 0; number < 20; number++) {
            muster.broker()
                    .publish(
                            List.of(
                                    publication(
                                            "[[1, 1], {}, {}]",
                                            Map.of(
                                                    "task",
                                                    "WorkerTest.Tasks.add",
                                                    "id",
                                                    "later-" + number,
                                                    "eta",
                                                    eta.toString()))));
        }

        try (var _ = muster.worker().concurrency(1).start()) {
            assertThat(muster.send(call(Tasks::add, 1, 2)).get(LONG)).isEqualTo(3);
            for (var number = 0; number < 20; number++) {
                var id = "later-" + number;
                assertThat(muster.result(id, Integer.class).get(LONG)).isEqualTo(2);
                assertThat(muster.resultRecord(id).orElseThrow().dateDone()).isAfterOrEqualTo(eta);
            }
        }
    }

    @Test
    void hostileMessagesAreRefusedOneByOneAndGoodOnesRun() {
        muster.broker().declare(Queue.named("celery"));
        var results = new ArrayList<Result<Integer>>();
        for (var number = 0; number < 100; number++) {
            var bad =
                    List.of(
                            publication(
                                    "[[1,",
                                    Map.of("task", "WorkerTest.Tasks.add", "id", "bad-" + number)),
                            publication("{}", Map.of()),
                            publication("\0\0\0", Map.of("task", 7, "id", List.of())),
                            publication("[".repeat(100_000), Map.of("task", "x", "id", "deep")),
                            publication(
                                    "[[1, 1], {}, {\"chain\": [{}]}]",
                                    Map.of("task", "WorkerTest.Tasks.add", "id", "chain")));
            muster.broker().publish(bad);
            results.add(muster.send(call(Tasks::add, number, 1)));
        }

        try (var _ = muster.worker().start()) {
            for (var number = 0; number < 100; number++) {
                assertThat(results.get(number).get(LONG)).isEqualTo(number + 1);
            }
            assertThatThrownBy(() -> muster.result("bad-3", Integer.class).get(LONG))
                    .isInstanceOf(TaskFailedException.class);
        }
        assertThat(muster.queueLength("celery")).isZero();
    }

    @Test
    void startedIsStoredWhenAsked() {
        try (var tracking = app(Map.of("task_track_started", true));
                var _ = tracking.worker().start()) {
            var result = tracking.send(call(tasks::gated));

            Awaitility.await().until(() -> result.state().equals(State.STARTED));
            tasks.gate.release();
            result.get(LONG);
        }
    }

    @Test
    void extendedResultsTellTheCall() {
        try (var extended = app(Map.of("result_extended", true));
                var _ = extended.worker().hostname("w1@h").start()) {
            var result = extended.send(call(Tasks::add, 1, 2));
            result.get(LONG);

            assertThat(extended.resultRecord(result.id()).orElseThrow().others())
                    .containsEntry("name", "WorkerTest.Tasks.add")
                    .containsEntry("args", Arrays.asList(1L, 2L))
                    .containsEntry("worker", "w1@h");
        }
    }

    @Test
    void anUnknownSchemeNamesWhatIsKnownAndWhatToAdd() {
        assertThatThrownBy(() -> app(Map.of("broker_url", "kafka://h")))
                .hasMessageContaining("'kafka'")
                .hasMessageContaining("memory");
        assertThatThrownBy(() -> app(Map.of("broker_url", "redis://h")))
                .hasMessageContaining("dev.muster:muster-queue-redis");
    }

    @Test
    void awaitReadyTellsWhenTheWorkerReads() throws InterruptedException {
        var ready = new CountDownLatch(1);
        try (var worker = muster.worker().start()) {
            Thread.ofVirtual()
                    .start(() -> {
                        if (worker.awaitReady(LONG)) {
                            ready.countDown();
                        }
                    });

            assertThat(ready.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Publication publication(String body, Map<String, Object> headers) {
        return new Publication(
                "",
                "celery",
                new Message(
                        body.getBytes(StandardCharsets.UTF_8),
                        "application/json",
                        "utf-8",
                        new LinkedHashMap<>(headers),
                        Message.Properties.DEFAULT));
    }

    @Test
    void aCommandToReadAQueueThatIsNotToBeCreatedIsRefused() {
        try (var app =
                        Muster.builder()
                                .settings(
                                        Settings.DEFAULT
                                                .with("broker_url", "memory:")
                                                .with("task_create_missing_queues", false))
                                .build();
                var worker = app.worker().hostname("a@b").start()) {
            assertThat(worker.awaitReady(LONG)).isTrue();
            assertThat(
                            app.control()
                                    .to("a@b")
                                    .within(LONG)
                                    .ask("add_consumer", Map.of("queue", "other")))
                    .isEqualTo(
                            Map.of(
                                    "a@b",
                                    Map.of(
                                            "error",
                                            "there is no queue 'other', and task_create_missing_queues is off; there are celery")));
            assertThat(worker.queues()).containsExactly("celery");
        }
    }

    static class Elsewhere {
        @Task(name = "reports.make", queue = "reports")
        static void make() {}

        @Task(name = "reports.send", queue = "reports")
        static void send() {}

        @Task(name = "plain")
        static void plain() {}
    }

    private static List<String> warnings(Runnable action) {
        try (var log = new LogCapture(Worker.class)) {
            action.run();
            return log.warnings().stream().filter(line -> line.contains("-Q")).toList();
        }
    }

    @Test
    void aWorkerWarnsOfTasksWhoseQueueItDoesNotRead() {
        try (var app =
                Muster.builder()
                        .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                        .tasks(Elsewhere.class)
                        .build()) {
            assertThat(warnings(() -> app.worker().start().close()))
                    .singleElement()
                    .asString()
                    .contains("reports.make, reports.send", "-Q reports", "-Q celery,reports");
            assertThat(warnings(() -> app.worker().queues("celery").start().close()))
                    .as("who says which queues to read has thought of it")
                    .isEmpty();
        }
    }

    @Test
    void aWorkerHasAQueueOfItsOwnWhenTheSettingsSaySo() {
        try (var app = app(Map.of("worker_direct", true));
                var worker = app.worker().hostname("one@host").start()) {
            assertThat(worker.queues()).contains("celery", "one@host.dq2");

            assertThat(app.send(call(Tasks::add, 1, 2).queue("one@host.dq2")).get(LONG))
                    .isEqualTo(3);
        }
    }

    @Test
    void messagesAreTransientWhenTheSettingsSaySo() {
        try (var app = app(Map.of("task_default_delivery_mode", "transient"))) {
            app.send(call(Tasks::add, 1, 2));
            var queue = app.queueDirectory().named("celery");
            try (var consumer = app.broker().consume(List.of(queue), 0)) {
                assertThat(consumer.take(1, LONG).getFirst().message().properties().persistent())
                        .isFalse();
            }
        }
    }

    @Test
    void aBroadcastThatNobodyHearsSaysSo() {
        var news = Map.of("news", Map.of("broadcast", true));
        try (var app = app(Map.of("task_queues", news))) {
            assertThatThrownBy(() -> app.send(call(Tasks::add, 1, 2).queue("news")))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("nobody hears the broadcast 'news'");
        }
    }

    @Test
    void revokedTasksAreKeptInTheFileThatTheSettingsName(@TempDir Path folder) {
        var file = folder.resolve("revoked.db");
        try (var app = app(Map.of("worker_state_db", file.toString()));
                var worker = app.worker().start()) {
            worker.revoke(List.of("some-id"), false);
        }
        assertThat(file).content().contains("some-id");
    }
}
