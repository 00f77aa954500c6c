package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskHooksTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Semaphore GATE = new Semaphore(0);

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    static class Tasks {
        @Task(name = "flaky", maxRetries = 1)
        static String flaky(TaskContext task, boolean succeed) {
            if (task.retries() == 0 || !succeed) {
                throw task.retry(Duration.ZERO, new IllegalStateException("not yet"));
            }
            return "done";
        }

        @Task(name = "stuck", timeLimit = "100ms")
        static void stuck() {
            GATE.acquireUninterruptibly();
        }
    }

    private final class Notes implements TaskHooks {
        @Override
        public void sending(Signature<?> call, String id) {
            seen.add("sending " + call.task() + " " + id);
        }

        @Override
        public void before(TaskContext task) {
            seen.add("before " + task.id());
        }

        @Override
        public void succeeded(TaskContext task, @Nullable Object value) {
            seen.add("succeeded " + value);
        }

        @Override
        public void failed(TaskContext task, Throwable cause) {
            seen.add("failed " + cause.getClass().getSimpleName());
        }

        @Override
        public void retrying(TaskContext task, @Nullable Throwable cause, Instant next) {
            seen.add("retrying " + task.retries());
        }

        @Override
        public void after(TaskContext task) {
            seen.add("after " + task.retries());
        }

        @Override
        public void workerStarted(Worker worker) {
            seen.add("started " + worker.concurrency());
        }

        @Override
        public void workerStopped(Worker worker) {
            seen.add("stopped");
        }
    }

    /// Its defects must change nothing.
    private static final class Broken implements TaskHooks {
        @Override
        public void sending(Signature<?> call, String id) {
            throw new IllegalStateException("broken");
        }

        @Override
        public void before(TaskContext task) {
            throw new StackOverflowError();
        }

        @Override
        public void succeeded(TaskContext task, @Nullable Object value) {
            throw new IllegalStateException("broken");
        }

        @Override
        public void after(TaskContext task) {
            throw new IllegalStateException("broken");
        }
    }

    private Muster app() {
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                .tasks(Tasks.class)
                .hooks(new Broken(), new Notes())
                .build();
    }

    @Test
    void theyAreCalledInTheOrderOfATasksLife() {
        try (var muster = app()) {
            try (var _ = muster.worker().concurrency(1).start()) {
                assertThat(muster.send(call("flaky", true).id("a")).get(LONG)).isEqualTo("done");
            }
        }
        assertThat(List.copyOf(seen))
                .containsExactly(
                        "started 1",
                        "sending flaky a",
                        "before a",
                        "retrying 0",
                        "after 0",
                        "before a",
                        "succeeded done",
                        "after 1",
                        "stopped");
    }

    @Test
    void theyHearOfAFailureAndOfATimeOutOnce() {
        try (var muster = app()) {
            try (var _ = muster.worker().concurrency(1).start()) {
                assertThatThrownBy(() -> muster.send(call("flaky", false)).get(LONG))
                        .hasMessageContaining("not yet");
                assertThatThrownBy(() -> muster.send(call("stuck")).get(LONG))
                        .hasMessageContaining("TimeLimitExceeded");
                GATE.release();
            }
        }
        assertThat(seen.stream().filter(note -> note.startsWith("failed")))
                .containsExactly("failed IllegalStateException", "failed TimeoutException");
        assertThat(seen.stream().filter(note -> note.startsWith("after"))).hasSize(3);
    }
}
