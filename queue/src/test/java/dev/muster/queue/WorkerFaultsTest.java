package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import dev.muster.queue.spi.State;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a worker does when its broker or its result store fails.
class WorkerFaultsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Tasks tasks = new Tasks();
    private final Muster muster = app(Map.of());
    private final FaultyBroker broker = (FaultyBroker) muster.broker();
    private final FaultyResultStore store = (FaultyResultStore) muster.store();

    private Muster app(Map<String, ?> settings) {
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", "faulty:").withAll(settings))
                .register(tasks)
                .build();
    }

    @AfterEach
    void close() {
        tasks.gate.release(1_000_000);
        muster.close();
    }

    static class Tasks {
        private final Semaphore gate = new Semaphore(0);
        private final AtomicInteger runs = new AtomicInteger();
        private final AtomicInteger running = new AtomicInteger();
        private final AtomicInteger interruptions = new AtomicInteger();

        @Task
        static double twice(double number) {
            return Double.isNaN(number) ? 0 : 2 * number;
        }

        @Task
        static void failWithoutMessage() {
            throw new Unreadable();
        }

        @Task
        void gated() throws InterruptedException {
            running.incrementAndGet();
            try {
                gate.acquire();
            } finally {
                running.decrementAndGet();
            }
        }

        @Task(acksLate = Task.Toggle.ON)
        void gatedLate() throws InterruptedException {
            try {
                gated();
            } catch (InterruptedException e) {
                interruptions.incrementAndGet();
                throw e;
            }
        }

        @Task(acksLate = Task.Toggle.ON)
        int countedLate() {
            return runs.incrementAndGet();
        }
    }

    @SuppressWarnings("serial") // it is never written
    static final class Unreadable extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    static List<Throwable> failuresOfTake() {
        return List.of(
                new IllegalStateException("a defect of the broker's client"),
                new OutOfMemoryError("a message that is too large"));
    }

    @ParameterizedTest
    @MethodSource("failuresOfTake")
    void theWorkerOutlivesWhatTakingMessagesThrows(Throwable failure) {
        try (var worker = muster.worker().start()) {
            assertThat(worker.awaitReady(LONG)).isTrue();

            broker.failNextTake(failure);

            assertThat(muster.send(call(Tasks::twice, 2.0)).get(LONG)).isEqualTo(4.0);
        }
    }

    @ParameterizedTest
    @MethodSource("failuresOfTake")
    void commandsAreHeardAfterWhatHearingThrows(Throwable failure) {
        try (var worker = muster.worker().start()) {
            assertThat(worker.awaitReady(LONG)).isTrue();

            broker.failNextCommand(failure);

            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> !muster.control().to(worker.hostname()).ping().isEmpty());
        }
    }

    @Test
    void aWorkerThatIsStoppedBeforeItWasReadySaysSo() {
        broker.setAway(true);
        var worker = muster.worker().start();
        worker.stop();

        assertThat(worker.awaitStopped(LONG)).isTrue();
        assertThat(worker.awaitReady(LONG)).isFalse();
    }

    @Test
    void aWorkerIsReadyWhileItReadsItsQueuesAndOtherwiseSaysWhyNot() {
        broker.setAway(true);
        var worker = muster.worker().start();
        Awaitility.await()
                .atMost(LONG)
                .until(() -> worker.health().state() == Health.State.WAITING);
        assertThat(worker.health().reason()).contains("faulty:");
        assertThat(worker.health().isAlive()).isTrue();

        broker.setAway(false);
        Awaitility.await().atMost(LONG).until(() -> worker.health().isReady());
        assertThat(worker.health().reason()).isEmpty();
        broker.setAway(true);
        broker.failNextTake(new IllegalStateException("the line is cut"));
        Awaitility.await().atMost(LONG).until(() -> !worker.health().isReady());
        broker.setAway(false);
        Awaitility.await().atMost(LONG).until(() -> worker.health().isReady());

        var _ = muster.send(call(tasks::gated));
        Awaitility.await().atMost(LONG).until(() -> tasks.running.get() == 1);
        worker.stop();
        assertThat(worker.health().state()).isEqualTo(Health.State.STOPPING);
        assertThat(worker.health().isAlive()).isTrue();
        tasks.gate.release();
        assertThat(worker.awaitStopped(LONG)).isTrue();
        assertThat(worker.health().isAlive()).isFalse();
    }

    @Test
    void aWorkerWithoutAQueueIsNotReady() {
        try (var worker = muster.worker().start()) {
            worker.awaitReady(LONG);
            muster.control().tell("cancel_consumer", Map.of("queue", "celery"));

            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> worker.health().reason().equals("there is no queue to read"));
            assertThat(worker.health().isReady()).isFalse();
        }
    }

    @Test
    void aResultOnTheWayIsStoredBeforeTheWorkerStopsWhileTheBrokerIsAway() {
        var storing = new CompletableFuture<Void>();
        var stored = new CompletableFuture<Void>();
        store.beforeStoring(() -> {
            storing.complete(null);
            stored.join();
        });
        var worker = muster.worker().start();
        var result = muster.send(call(Tasks::twice, 2.0));
        storing.join();
        broker.setAway(true);

        worker.stop();
        assertThat(worker.awaitStopped(Duration.ofMillis(200))).isFalse();
        stored.complete(null);

        assertThat(worker.awaitStopped(LONG)).isTrue();
        assertThat(result.state()).isEqualTo(State.SUCCESS);
    }

    @Test
    void aWorkerQuitsAlthoughTheStoreIsAway() {
        var worker = muster.worker().concurrency(3).start();
        var _ = muster.sendAll(IntStream.range(0, 3).mapToObj(_ -> call(tasks::gated)).toList());
        Awaitility.await().until(() -> tasks.running.get() == 3);
        store.beforeStoring(() -> {
            throw new ResultStoreException("the store is away", null);
        });

        worker.quit();

        assertThat(worker.awaitStopped(Duration.ofSeconds(10))).isTrue();
        Awaitility.await().until(() -> tasks.running.get() == 0);
    }

    @Test
    void aLateTaskIsGivenBackWhenStoringFailsInAnUnknownWay() {
        var failed = new AtomicBoolean();
        store.beforeStoring(() -> {
            if (failed.compareAndSet(false, true)) {
                throw new IllegalStateException("a defect of the store");
            }
        });

        try (var _ = muster.worker().start()) {
            assertThat(muster.send(call(tasks::countedLate)).get(LONG)).isEqualTo(2);
        }
    }

    @Test
    void startedIsNotWaitedForWhenTheStoreIsAway() {
        try (var tracking = app(Map.of("task_track_started", true))) {
            ((FaultyResultStore) tracking.store())
                    .beforeStoring(() -> {
                        if (tasks.running.get() == 0) {
                            throw new ResultStoreException("the store is away", null);
                        }
                    });
            try (var _ = tracking.worker().start()) {
                var _ = tracking.send(call(tasks::gated));

                Awaitility.await().until(() -> tasks.running.get() == 1);
                tasks.gate.release();
                ((FaultyResultStore) tracking.store()).beforeStoring(() -> {});
            }
        }
    }

    @Test
    void soloRunsOneTaskAtATimeAlsoWhenOthersWereKeptForLater() {
        var eta = Instant.now().plusMillis(300);
        broker.declare(Queue.named("celery"));
        for (var number = 0; number < 3; number++) {
            broker.publish(List.of(gated("later-" + number, eta)));
        }

        try (var _ = muster.worker().pool(Worker.Pool.SOLO).start()) {
            var first = muster.send(call(tasks::gated));
            Awaitility.await().until(() -> tasks.running.get() == 1);

            Awaitility.await().during(Duration.ofMillis(600)).until(() -> tasks.running.get() == 1);
            tasks.gate.release(4);
            first.get(LONG);
            muster.result("later-2", Object.class).get(LONG);
        }
    }

    private static Publication gated(String id, Instant eta) {
        return message("[[], {}, {}]", "WorkerFaultsTest.Tasks.gated", id, eta.toString());
    }

    private static Publication message(String body, String task, String id, String eta) {
        return new Publication(
                "",
                "celery",
                new Message(
                        body.getBytes(StandardCharsets.UTF_8),
                        "application/json",
                        "utf-8",
                        Map.of("task", task, "id", id, "eta", eta),
                        Message.Properties.DEFAULT));
    }

    @Test
    void anExtendedResultLeavesOutArgumentsThatItCannotHold() {
        try (var extended = app(Map.of("result_extended", true));
                var _ = extended.worker().start()) {
            extended.broker().declare(Queue.named("celery"));
            extended.broker()
                    .publish(
                            List.of(
                                    message(
                                            "[[NaN], {}, {}]",
                                            "WorkerFaultsTest.Tasks.twice",
                                            "nan",
                                            Instant.EPOCH.toString())));

            assertThat(extended.result("nan", Double.class).get(LONG)).isZero();
            assertThat(extended.resultRecord("nan").orElseThrow().others())
                    .containsKey("name")
                    .doesNotContainKey("args");
        }
    }

    @Test
    void anExceptionWhoseOwnMethodsThrowIsAFailure() {
        try (var _ = muster.worker().start()) {
            assertThatThrownBy(() -> muster.send(call(Tasks::failWithoutMessage)).get(LONG))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("WorkerFaultsTest.Unreadable");
        }
    }

    record Picky(int value) {
        Picky {
            throw new IllegalArgumentException("not this one");
        }
    }

    @Test
    void aFutureFailsWhenTheValueCannotBeBuilt() {
        try (var _ = muster.worker().start()) {
            var id = muster.send(call(Tasks::twice, 2.0)).id();

            var picky = muster.result(id, Picky.class).toCompletableFuture();

            assertThatThrownBy(picky.orTimeout(30, java.util.concurrent.TimeUnit.SECONDS)::join)
                    .isInstanceOf(CompletionException.class);
        }
    }

    @Test
    void aWaitMayBeLongerThanNanosecondsCanTell() {
        try (var _ = muster.worker().start()) {
            var result = muster.send(call(Tasks::twice, 2.0));

            assertThat(result.get(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(4.0);
        }
    }

    @Test
    void sendingWaitsForTheBrokerAlsoWhenTheQueueForRepliesIsNotOpenYet() {
        var policy = Map.of("max_retries", 200, "interval_start", 0.05);
        try (var app =
                app(Map.of("result_backend", "rpc://", "task_publish_retry_policy", policy))) {
            var away = (FaultyBroker) app.broker();
            away.setAway(true);
            var sent = CompletableFuture.supplyAsync(() -> app.send(call(Tasks::twice, 2.0)));
            Awaitility.await().until(() -> away.refusals() > 1);
            away.setAway(false);

            try (var _ = app.worker().start()) {
                assertThat(sent.join().get(LONG)).isEqualTo(4.0);
            }
        }
    }

    @Test
    void aRetryPolicyThatIsNoNumberIsRefused() {
        var policy = Map.of("task_publish_retry_policy", Map.of("max_retries", "many"));

        assertThatThrownBy(() -> app(policy))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("max_retries")
                .hasMessageContaining("many");
    }

    static class BadExpiry {
        @Task(expires = "5 weeks")
        static void later() {}
    }

    @Test
    void anAnnotationThatMakesNoSenseNamesItsMethod() {
        assertThatThrownBy(() -> Muster.builder().tasks(BadExpiry.class).build())
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("BadExpiry.later")
                .hasMessageContaining("5 weeks");
    }

    @Test
    void whoWaitsForAResultLearnsThatTheApplicationWasClosed() {
        var waiting = muster.send(call(Tasks::twice, 2.0)).toCompletableFuture();

        muster.close();

        assertThatThrownBy(waiting::join).hasCauseInstanceOf(ResultStoreException.class);
    }

    @Test
    void aWorkerThatIsNotToReconnectStopsWithTheReason() {
        try (var impatient = app(Map.of("broker_connection_retry", false));
                var worker = impatient.worker().start()) {
            assertThat(worker.awaitReady(LONG)).isTrue();

            ((FaultyBroker) impatient.broker()).setAway(true);

            assertThatThrownBy(() -> worker.awaitStopped(LONG))
                    .hasMessageContaining("broker_connection_retry is off");
        } catch (MusterException e) {
            assertThat(e).hasMessageContaining("broker_connection_retry is off"); // of close()
        }
    }

    @Test
    void aResultIsStoredHoweverLongThatTakesWhenTheSettingsSaySo() {
        var tries = new AtomicInteger();
        try (var stubborn =
                        app(
                                Map.of(
                                        "result_backend_always_retry",
                                        true,
                                        "result_backend_max_retries",
                                        2));
                var _ = stubborn.worker().start()) {
            ((FaultyResultStore) stubborn.store())
                    .beforeStoring(() -> {
                        if (tries.incrementAndGet() < 100) {
                            throw new ResultStoreException("the store is away", null);
                        }
                    });

            stubborn.send(call(Tasks::twice, 1.0));

            Awaitility.await().atMost(LONG).until(() -> tries.get() == 3);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() ->
                            stubborn.control().ask("active").values().toString().contains("[]"));
            assertThat(tries).hasValue(3);
        }
    }

    @Test
    void whatSucceededAndComesAgainIsNotRunAgainWhenTheSettingsSaySo() {
        try (var careful = app(Map.of("worker_deduplicate_successful_tasks", true))) {
            var faulty = (FaultyBroker) careful.broker();
            var store = (FaultyResultStore) careful.store();
            var stored = new CompletableFuture<Void>();
            var lost = new AtomicBoolean();
            store.afterStoring(() -> {
                // Between the result and the acknowledgement the connection is lost.
                if (stored.complete(null)) {
                    faulty.failNextTake(BrokerException.unreachable("faulty:", null));
                    Awaitility.await().atMost(LONG).until(faulty::isReopened);
                    lost.set(true);
                }
            });
            try (var worker = careful.worker().start()) {
                assertThat(worker.awaitReady(LONG)).isTrue();

                var result = careful.send(call(tasks::countedLate));

                Awaitility.await().atMost(LONG).until(() -> lost.get());
                Awaitility.await()
                        .atMost(LONG)
                        .until(() -> store.storings() == 2 && careful.queueLength("celery") == 0);
                assertThat(result.get(LONG)).isEqualTo(1);
                assertThat(tasks.runs).hasValue(1);
            }
        }
    }

    @Test
    void whatComesAgainIsCancelledWhenTheBrokerIsLostIfTheSettingsSaySo() {
        var setting = "worker_cancel_long_running_tasks_on_connection_loss";
        try (var cancelling = app(Map.of(setting, true));
                var worker = cancelling.worker().start()) {
            assertThat(worker.awaitReady(LONG)).isTrue();
            cancelling.send(call(tasks::gatedLate));
            cancelling.send(call(tasks::gated));
            Awaitility.await().atMost(LONG).until(() -> tasks.running.get() == 2);

            ((FaultyBroker) cancelling.broker())
                    .failNextTake(BrokerException.unreachable("faulty:", null));

            Awaitility.await().atMost(LONG).until(() -> tasks.interruptions.get() == 1);
            // It has come again, beside the one that was acknowledged early.
            Awaitility.await().atMost(LONG).until(() -> tasks.running.get() == 2);
            tasks.gate.release(2);
            Awaitility.await().atMost(LONG).until(() -> tasks.running.get() == 0);
            assertThat(tasks.interruptions).hasValue(1);
        }
    }

    @Test
    void aKeyIsFreeAgainWhenItsTaskIsCancelledBeforeItRuns() {
        var setting = "worker_cancel_long_running_tasks_on_connection_loss";
        try (var cancelling = app(Map.of(setting, true));
                var worker = cancelling.worker().start()) {
            var claimed = new AtomicBoolean();
            ((FaultyResultStore) cancelling.store())
                    .afterClaiming(() -> {
                        if (claimed.compareAndSet(false, true)) {
                            ((FaultyBroker) cancelling.broker())
                                    .failNextTake(BrokerException.unreachable("faulty:", null));
                            awaitInterruption();
                        }
                    });
            assertThat(worker.awaitReady(LONG)).isTrue();

            var result = cancelling.send(call(tasks::countedLate).idempotencyKey("1"));

            assertThat(result.get(LONG)).isEqualTo(1);
            assertThat(claimed).isTrue();
        }
    }

    /// The next try finds the key taken, by the run that asks.
    @Test
    void aLostAnswerDoesNotKeepATaskFromItsOwnKey() throws Exception {
        try (var losing = app(Map.of());
                var _ = losing.worker().start()) {
            var claims = new AtomicInteger();
            ((FaultyResultStore) losing.store())
                    .afterClaiming(() -> {
                        if (claims.incrementAndGet() == 1) {
                            throw new ResultStoreException("the answer is lost", null);
                        }
                    });

            assertThat(losing.send(call(tasks::countedLate).idempotencyKey("1")).get(LONG))
                    .isEqualTo(1);
            assertThat(claims).hasValue(2);
        }
    }

    private static void awaitInterruption() {
        try {
            assertThat(new CountDownLatch(1).await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            // As it should be.
        }
    }
}
