package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Retries, delays and states, on the broker and the store in memory.
class TaskLifeTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Tasks tasks = new Tasks();
    private final Muster muster =
            Muster.builder()
                    .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                    .register(tasks)
                    .build();
    private final Worker worker = muster.worker().concurrency(1).start();

    @AfterEach
    void close() {
        tasks.gate.release(1000);
        worker.close();
        muster.close();
    }

    record Try(
            int retries,
            String id,
            @Nullable Object tenant,
            String root,
            @Nullable Object stamps,
            @Nullable Integer priority) {}

    static class Tasks {
        private final Queue<Try> tries = new ConcurrentLinkedQueue<>();
        private final Queue<Integer> order = new ConcurrentLinkedQueue<>();
        private final Semaphore gate = new Semaphore(0);

        private void note(TaskContext task) {
            tries.add(
                    new Try(
                            task.retries(),
                            task.id(),
                            task.headers().get("tenant"),
                            task.rootId(),
                            task.headers().get("stamps"),
                            task.priority()));
        }

        @Task(maxRetries = 2)
        String stubborn(TaskContext task, int failures) {
            note(task);
            if (task.retries() < failures) {
                throw task.retry(Duration.ZERO, new IllegalStateException("not yet"));
            }
            return "after " + task.retries();
        }

        @Task(maxRetries = 1, retryDelay = "0")
        void hopeless(TaskContext task) {
            throw task.retry();
        }

        @Task(
                maxRetries = 4,
                retryFor = IOException.class,
                retryBackoff = "1ms",
                retryBackoffMax = "4ms")
        int flaky(TaskContext task) throws IOException {
            note(task);
            if (task.retries() < 3) {
                throw new IOException("try " + task.retries());
            }
            return task.retries();
        }

        @Task(retryDelay = "1d")
        void tomorrow(TaskContext task) {
            throw task.retry(new IllegalStateException("closed today"));
        }

        @Task
        void order(int number) {
            order.add(number);
        }

        @Task
        void progress(TaskContext task) throws InterruptedException {
            task.progress(0.5, "half");
            gate.acquire();
            task.state("UPLOADED", Map.of("parts", List.of(1, 2)));
            throw task.ignore();
        }

        @Task
        void lie(TaskContext task) {
            task.state("SUCCESS", null);
        }

        @Task(acksLate = Task.Toggle.ON)
        String rejecting(TaskContext task, boolean requeue) {
            note(task);
            if (task.redelivered()) {
                return "the second time";
            }
            throw task.reject(requeue);
        }

        @Task
        void rejectsTooLate(TaskContext task) {
            note(task);
            throw task.reject(true);
        }
    }

    @Test
    void aRetryKeepsWhatTheCallWas() {
        var result =
                muster.send(
                        call("TaskLifeTest.Tasks.stubborn", 2)
                                .returning(String.class)
                                .id("one")
                                .priority(7)
                                .compression("gzip")
                                .serializer("json")
                                .header("tenant", "acme")
                                .header("stamps", Map.of("mid", "42")));

        assertThat(result.get(LONG)).isEqualTo("after 2");
        assertThat(tasks.tries)
                .containsExactlyElementsOf(
                        IntStream.range(0, 3)
                                .mapToObj(n ->
                                        new Try(n, "one", "acme", "one", Map.of("mid", "42"), 7))
                                .toList());
    }

    @Test
    void theLastFailureIsTheTasksOwnOrThatOfTheLimit() {
        assertThatThrownBy(() -> muster.send(call("TaskLifeTest.Tasks.stubborn", 9)).get(LONG))
                .isInstanceOf(TaskFailedException.class)
                .hasRootCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not yet");
        assertThatThrownBy(() -> muster.send(call("TaskLifeTest.Tasks.hopeless")).get(LONG))
                .hasCauseInstanceOf(MaxRetriesExceededException.class)
                .hasMessageContaining("Can't retry TaskLifeTest.Tasks.hopeless[");
    }

    @Test
    void namedExceptionsAreRetriedWithoutAWordInTheTask() {
        assertThat(muster.send(call("TaskLifeTest.Tasks.flaky").returning(Integer.class)).get(LONG))
                .isEqualTo(3);
        assertThat(tasks.tries).hasSize(4);
    }

    @Test
    void whileItWaitsForTheNextTryTheStateIsRetryWithTheReason() {
        var result = muster.send(call("TaskLifeTest.Tasks.tomorrow"));

        Awaitility.await().atMost(LONG).until(() -> result.state().equals(State.RETRY));
        var record = muster.resultRecord(result.id()).orElseThrow();
        assertThat(record.result())
                .isEqualTo(
                        Map.of(
                                "exc_type", "IllegalStateException",
                                "exc_message", List.of("closed today"),
                                "exc_module", "java.lang"));
        assertThat(record.traceback()).contains("closed today");
        assertThat(record.dateDone()).isNull();
    }

    @Test
    void delayedCallsRunInTheOrderOfTheirTimesAndTheRestBeforeThem() {
        var now = Instant.now();
        var results =
                List.of(
                        muster.send(order(3).eta(now.plusMillis(600))),
                        muster.send(order(2).countdown(Duration.ofMillis(300))),
                        muster.send(order(4).countdown(Duration.ofMillis(900))),
                        muster.send(order(0).eta(now.minusSeconds(5))),
                        muster.send(order(1)));

        results.forEach(result -> result.get(LONG));
        assertThat(tasks.order).containsExactly(0, 1, 2, 3, 4);
    }

    private static Signature<@Nullable Object> order(int number) {
        return call("TaskLifeTest.Tasks.order", number);
    }

    @Test
    void aTimeThatPythonCannotReadIsRefusedWhenItIsSent() {
        for (var signature :
                List.of(
                        order(1).countdown(Duration.ofSeconds(Long.MAX_VALUE)),
                        order(1).eta(Instant.MAX),
                        order(1).expires(Instant.parse("+10000-01-01T00:00:00Z")))) {
            assertThatThrownBy(() -> muster.send(signature)).hasMessageContaining("year 9999");
        }
    }

    @Test
    void aTaskSetsStatesOfItsOwnAndMayLeaveTheLastOne() {
        var result = muster.send(call("TaskLifeTest.Tasks.progress"));

        Awaitility.await().atMost(LONG).until(() -> result.state().equals(new State("PROGRESS")));
        assertThat(muster.resultRecord(result.id()).orElseThrow().result())
                .isEqualTo(Map.of("progress", 0.5, "message", "half"));

        tasks.gate.release();
        Awaitility.await().atMost(LONG).until(() -> result.state().equals(new State("UPLOADED")));
        worker.close();
        assertThat(muster.resultRecord(result.id()).orElseThrow().result())
                .isEqualTo(Map.of("parts", List.of(1L, 2L)));
        assertThat(result.state()).isEqualTo(new State("UPLOADED"));
    }

    @Test
    void aTaskCannotSayThatItHasEnded() {
        assertThatThrownBy(() -> muster.send(call("TaskLifeTest.Tasks.lie")).get(LONG))
                .hasMessageContaining("the worker stores SUCCESS");
    }

    @Test
    void aRejectedMessageComesBackWhenTheTaskWantsIt() {
        assertThat(muster.send(call("TaskLifeTest.Tasks.rejecting", true)).get(LONG))
                .isEqualTo("the second time");
    }

    @Test
    void aRejectedMessageIsGoneOtherwiseAndNothingIsStored() {
        var gone = muster.send(call("TaskLifeTest.Tasks.rejecting", false));
        var tooLate = muster.send(call("TaskLifeTest.Tasks.rejectsTooLate"));
        Awaitility.await().atMost(LONG).until(() -> tasks.tries.size() == 2);

        worker.close();
        assertThat(gone.state()).isEqualTo(State.PENDING);
        assertThat(tooLate.state()).isEqualTo(State.PENDING);
        assertThat(tasks.tries).hasSize(2);
        assertThat(muster.queueLength("celery")).isZero();
    }
}
