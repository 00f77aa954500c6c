package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Result;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.TaskRevokedException;
import dev.muster.queue.Workflow;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestMusterTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration HOUR = Duration.ofHours(1);

    /// The tasks of one test, which note when they run.
    static final class Tasks {
        private final List<Duration> starts = new ArrayList<>();
        private Supplier<TestMuster> test =
                () -> {
                    throw new IllegalStateException("there is no application yet");
                };

        private void note() {
            var clock = test.get().clock();
            starts.add(Duration.between(Instant.parse("2030-01-01T00:00:00Z"), clock.instant()));
        }

        @Task(name = "test.add")
        long add(long a, long b) {
            note();
            return a + b;
        }

        @Task(name = "test.sum")
        long sum(List<Long> numbers) {
            return numbers.stream().mapToLong(Long::longValue).sum();
        }

        @Task(name = "test.next")
        long next(long number) {
            return number + 1;
        }

        @Task(name = "test.flaky", maxRetries = 3)
        String flaky(TaskContext task, int failures) {
            note();
            if (task.retries() < failures) {
                throw task.retry(HOUR, new IllegalStateException("not yet"));
            }
            return "done";
        }

        @Task(name = "test.stubborn", maxRetries = Task.FOREVER)
        String stubborn(TaskContext task) {
            if (task.retries() < Integer.MAX_VALUE) {
                throw task.retry(HOUR, new IllegalStateException("never"));
            }
            return "done";
        }

        @Task(name = "test.parent")
        long parent() {
            return test.get().muster().send(call(this::add, 1L, 2L)).get(NOW) * 10;
        }

        @Task(name = "test.slow", softTimeLimit = "10s", timeLimit = "20s")
        String slow(int seconds) throws InterruptedException {
            test.get().clock().advance(Duration.ofSeconds(seconds));
            Thread.sleep(0); // throws when a limit has interrupted it
            return "in time";
        }

        @Task(name = "test.limited", rateLimit = "1/m")
        void limited() {
            note();
        }
    }

    private final Tasks tasks = new Tasks();

    private TestMuster create() {
        var test = TestMuster.create(builder -> builder.register(tasks));
        tasks.test = () -> test;
        return test;
    }

    private TestMuster eager() {
        var test = TestMuster.eager(builder -> builder.register(tasks));
        tasks.test = () -> test;
        return test;
    }

    @Test
    void anEagerTaskHasRunWhenSendReturns() {
        try (var test = eager()) {
            assertThat(test.muster().send(call(tasks::add, 1L, 2L)).get(NOW)).isEqualTo(3);
        }
    }

    @Test
    void anEagerWorkflowHasEndedWhenSendReturns() {
        try (var test = eager()) {
            var members = IntStream.range(0, 100).mapToObj(n -> call(tasks::add, (long) n, 1L));

            var result = test.muster().send(group(members).then(tasks::sum));

            assertThat(result.get(NOW)).isEqualTo(5050);
        }
    }

    @Test
    void anEagerTaskIsRetriedAtOnce() {
        try (var test = eager()) {
            assertThat(test.muster().send(call(tasks::flaky, 2)).get(NOW)).isEqualTo("done");
            assertThat(tasks.starts).containsExactly(NOW, HOUR, HOUR.multipliedBy(2));
        }
    }

    @Test
    void theFailureOfAnEagerTaskIsSeenInItsResult() {
        try (var test = eager()) {
            var result = test.muster().send(call(tasks::flaky, 10));

            assertThatThrownBy(() -> result.get(NOW))
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("not yet");
            assertThat(tasks.starts).hasSize(4);
        }
    }

    @Test
    void anEagerTaskMayWaitForOneThatItSends() {
        try (var test = eager()) {
            assertThat(test.muster().send(call(tasks::parent)).get(NOW)).isEqualTo(30);
        }
    }

    @Test
    void anEagerTaskThatIsRetriedForEverIsFoundOut() {
        try (var test = eager()) {
            assertThatThrownBy(() -> test.muster().send(call(tasks::stubborn)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("retried for ever");
        }
    }

    @Test
    void nothingRunsBeforeTheTestSaysSo() {
        try (var test = create()) {
            var result = test.muster().send(call(tasks::add, 1L, 2L));
            assertThat(tasks.starts).isEmpty();

            test.run();

            assertThat(result.get(NOW)).isEqualTo(3);
        }
    }

    @Test
    void eachTryRunsAtItsTimeAndNotBefore() {
        try (var test = create()) {
            var result = test.muster().send(call(tasks::flaky, 2));

            test.advance(HOUR.multipliedBy(2).minusMillis(1));
            assertThat(tasks.starts).containsExactly(NOW, HOUR);
            assertThat(result.state()).isEqualTo(State.RETRY);
            test.advance(Duration.ofMillis(1));

            assertThat(tasks.starts).containsExactly(NOW, HOUR, HOUR.multipliedBy(2));
            assertThat(result.get(NOW)).isEqualTo("done");
        }
    }

    @Test
    void whatIsDelayedRunsInTheOrderOfItsTimes() {
        try (var test = create()) {
            for (var delay : List.of(HOUR, Duration.ofMillis(300), Duration.ofDays(30))) {
                test.muster().send(call(tasks::add, 1L, 2L).countdown(delay));
            }

            test.advance(Duration.ofDays(365));

            assertThat(tasks.starts)
                    .containsExactly(Duration.ofMillis(300), HOUR, Duration.ofDays(30));
        }
    }

    @Test
    void aTaskThatExpiresWhileItWaitsIsRevoked() {
        try (var test = create()) {
            var result =
                    test.muster()
                            .send(
                                    call(tasks::add, 1L, 2L)
                                            .countdown(HOUR)
                                            .expires(Duration.ofMinutes(30)));

            test.advance(HOUR);

            assertThatThrownBy(() -> result.get(NOW)).isInstanceOf(TaskRevokedException.class);
            assertThat(tasks.starts).isEmpty();
        }
    }

    @Test
    void aResultIsGoneWhenItHasExpired() {
        try (var test = create()) {
            var result = test.muster().send(call(tasks::add, 1L, 2L));
            test.advance(Duration.ofDays(1).minusMillis(1));
            assertThat(result.state()).isEqualTo(State.SUCCESS);

            test.advance(Duration.ofMillis(1));

            assertThat(result.state()).isEqualTo(State.PENDING);
        }
    }

    @Test
    void aTaskThatTurnsTheClockRunsIntoItsTimeLimits() {
        try (var test = create()) {
            var inTime = test.muster().send(call(tasks::slow, 9));
            var soft = test.muster().send(call(tasks::slow, 10));
            var hard = test.muster().send(call(tasks::slow, 20));

            test.run();

            assertThat(inTime.get(NOW)).isEqualTo("in time");
            assertThat(failure(soft)).contains("SoftTimeLimitExceeded");
            assertThat(failure(hard)).contains("TimeLimitExceeded: 20");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    private static String failure(Result<?> result) {
        try {
            return "no failure but " + result.get(NOW);
        } catch (TaskFailedException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void theRateOfATaskIsKeptByTheClock() {
        try (var test = create()) {
            IntStream.range(0, 3).forEach(_ -> test.muster().send(call(tasks::limited)));

            test.advance(Duration.ofSeconds(119));
            assertThat(tasks.starts).containsExactly(NOW, Duration.ofMinutes(1));
            test.advance(Duration.ofSeconds(1));

            assertThat(tasks.starts).hasSize(3);
        }
    }

    @Test
    void aTaskThatIsRevokedInTimeDoesNotRun() {
        try (var test = create()) {
            var result = test.muster().send(call(tasks::add, 1L, 2L).countdown(HOUR));
            test.muster().revoke(result.id());

            test.advance(HOUR);

            assertThatThrownBy(() -> result.get(NOW)).isInstanceOf(TaskRevokedException.class);
            assertThat(tasks.starts).isEmpty();
        }
    }

    @Test
    void aLongChainNeedsNoDeepStack() {
        try (var test = eager()) {
            Workflow<Long> chain = call(tasks::next, 0L);
            for (var step = 1; step < 300; step++) {
                chain = chain.then(tasks::next);
            }

            assertThat(test.muster().send(chain).get(NOW)).isEqualTo(300);
        }
    }
}
