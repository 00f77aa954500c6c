package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
        public void after(TaskContext task, State state) {
            seen.add("after " + state);
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
            TaskHooksTest.<RuntimeException>fail(new IOException("broken"));
        }

        @Override
        public void after(TaskContext task, State state) {
            throw new IllegalStateException("broken");
        }
    }

    /// Throws a checked exception where none is declared, as code in Kotlin does.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> void fail(Throwable thrown) throws E {
        throw (E) thrown;
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
                        "after RETRY",
                        "before a",
                        "succeeded done",
                        "after SUCCESS",
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

    /// Puts a header on, and notes where it is called.
    private final class Around implements TaskHooks {
        @Override
        public void publish(List<OutgoingTask> messages, Runnable send) {
            for (var message : messages) {
                seen.add("publish %s %d".formatted(message.task(), message.retries()));
                message.header("seen", "by hooks " + message.retries());
            }
            send.run();
        }

        @Override
        public void within(TaskContext task, Runnable step) {
            seen.add("step");
            step.run();
            seen.add("step done");
        }

        @Override
        public void after(TaskContext task, State state) {
            seen.add("after " + state + ", header " + task.headers().get("seen"));
        }

        @Override
        public void discarded(TaskContext task, String reason) {
            seen.add("discarded " + reason);
        }
    }

    /// Neither does what it should, nor what it does without a defect.
    private static final class Careless implements TaskHooks {
        @Override
        public void publish(List<OutgoingTask> messages, Runnable send) {
            send.run();
            send.run();
            throw new IllegalStateException("broken");
        }

        @Override
        public void within(TaskContext task, Runnable step) {}
    }

    /// Throws what is not declared, after its work.
    private static final class Sneaky implements TaskHooks {
        @Override
        public void publish(List<OutgoingTask> messages, Runnable send) {
            send.run();
            TaskHooksTest.<RuntimeException>fail(new IOException("broken"));
        }

        @Override
        public void within(TaskContext task, Runnable step) {
            step.run();
            TaskHooksTest.<RuntimeException>fail(new IOException("broken"));
        }
    }

    private Muster app(TaskHooks... hooks) {
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                .tasks(Tasks.class)
                .hooks(hooks)
                .build();
    }

    @Test
    void theyAddHeadersAndAreAroundTheRunAndWhatFollowsIt() {
        try (var muster = app(new Around());
                var worker = muster.worker().inline()) {
            var result = muster.send(call("flaky", true));
            worker.run();
            assertThat(result.get(LONG)).isEqualTo("done");
        }
        assertThat(List.copyOf(seen))
                .containsExactly(
                        "publish flaky 0",
                        "step",
                        "step done",
                        "after RETRY, header by hooks 0",
                        "step",
                        "publish flaky 1",
                        "step done",
                        "step",
                        "step done",
                        "after SUCCESS, header by hooks 1",
                        "step",
                        "step done");
    }

    @Test
    void theyHearOfATaskThatIsNotRun() {
        try (var muster = app(new Around());
                var worker = muster.worker().inline()) {
            muster.send(call("flaky", true).expires(Duration.ofNanos(1)));
            worker.run();
        }
        assertThat(seen).contains("discarded expired").noneMatch(note -> note.startsWith("after"));
    }

    @Test
    void whatIsAroundATaskDoesNotKeepItFromBeingDoneOnce() {
        for (var broken : List.of(new Careless(), new Sneaky())) {
            try (var muster = app(broken, new Notes());
                    var worker = muster.worker().inline()) {
                var result = muster.send(call("flaky", true));
                assertThat(worker.run()).isEqualTo(2);
                assertThat(result.get(LONG)).isEqualTo("done");
            }
        }
    }

    /// As a broker in Kotlin may.
    @Test
    void whatIsNotDeclaredIsNotTakenForADefectOfAHook() {
        var hooks = new Hooks(List.of(new Around()));

        assertThatThrownBy(() ->
                        hooks.publish(
                                List.of(),
                                _ ->
                                        TaskHooksTest.<RuntimeException>fail(
                                                new IOException("no connection"))))
                .hasRootCauseMessage("no connection");
    }

    @Test
    void whatSendingThrowsIsThrown() {
        try (var muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT
                                        .with("broker_url", "faulty:")
                                        .with("task_publish_retry", false))
                        .tasks(Tasks.class)
                        .hooks(new Around(), new Careless())
                        .build()) {
            ((FaultyBroker) muster.broker()).setAway(true);
            assertThatThrownBy(() -> muster.send(call("flaky", true)))
                    .isInstanceOf(BrokerException.class);
        }
    }

    @Test
    void aHeaderOfTheMessageItselfStays() {
        TaskHooks meddling =
                new TaskHooks() {
                    @Override
                    public void publish(List<OutgoingTask> messages, Runnable send) {
                        try {
                            messages.forEach(message -> message.header("id", "mine"));
                        } catch (IllegalArgumentException e) {
                            seen.add(String.valueOf(e.getMessage()));
                        }
                        send.run();
                    }
                };
        try (var muster = app(meddling)) {
            assertThat(muster.send(call("stuck").id("yours")).id()).isEqualTo("yours");
        }
        assertThat(seen)
                .containsExactly("the header 'id' belongs to the message; take another name");
    }

    @Test
    void aRunKnowsHowLongItHasWaited() {
        var clock = new TaskClock();
        TaskHooks waits =
                new TaskHooks() {
                    @Override
                    public void before(TaskContext task) {
                        seen.add("waited " + task.queueTime().orElseThrow());
                    }
                };
        try (var muster =
                        Muster.builder()
                                .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                                .clock(clock)
                                .tasks(Tasks.class)
                                .hooks(waits)
                                .build();
                var worker = muster.worker().inline()) {
            muster.send(call("flaky", true));
            clock.now = clock.now.plusSeconds(40);
            worker.run();
        }
        // The second message was sent by the retry, which was not to start before.
        assertThat(List.copyOf(seen)).containsExactly("waited PT40S", "waited PT0S");
    }

    /// A clock that stands until the test sets it.
    private static final class TaskClock implements InstantSource {
        private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }
    }
}
