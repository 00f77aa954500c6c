package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.Workflow;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A chord fails when a member does not succeed, in whatever way, and never hangs (celery-wire 12,
/// number 45).
@Timeout(60)
class ChordEndsTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String REVOKED = "to-be-revoked";

    private final Tasks tasks = new Tasks();

    /// How a member ends.
    enum End {
        FAILS,
        FAILS_BEFORE_OTHERS_IN_A_CHAIN,
        TRIES_IN_VAIN,
        TAKES_LONGER_THAN_ITS_SOFT_LIMIT,
        TAKES_LONGER_THAN_ITS_HARD_LIMIT,
        EXPIRES,
        IS_REVOKED,
        IS_UNKNOWN,
        IS_REPLACED_BY_WHAT_FAILS
    }

    static final class Tasks {
        private final List<List<Long>> bodies = new ArrayList<>();
        private @Nullable TestMuster test;

        @Task(name = "ends.value")
        long value(long value) {
            return value;
        }

        @Task(name = "ends.fail")
        long fail(long value) {
            if (value > 0) {
                throw new IllegalStateException("no " + value);
            }
            return value;
        }

        @Task(name = "ends.stubborn", maxRetries = 2)
        long stubborn(TaskContext task, long value) {
            if (value > 0) {
                throw task.retry(HOUR, new IllegalStateException("no " + value));
            }
            return value;
        }

        @Task(name = "ends.slow", softTimeLimit = "10s", timeLimit = "20s")
        long slow(int seconds) throws InterruptedException {
            Objects.requireNonNull(test).clock().advance(Duration.ofSeconds(seconds));
            Thread.sleep(0); // throws when a limit has interrupted it
            return seconds;
        }

        @Task(name = "ends.replaced")
        long replaced(TaskContext task, long value) {
            if (value > 0) {
                throw task.replace(call(this::fail, value));
            }
            return value;
        }

        @Task(name = "ends.body")
        long body(List<Long> values) {
            bodies.add(values);
            return values.size();
        }
    }

    /// Error callbacks that want the failure are static.
    static final class Callbacks {
        private static final List<String> TOLD = new ArrayList<>();

        private Callbacks() {}

        @Task(name = "ends.told")
        static void told(TaskRequest failed, Throwable cause, String traceback) {
            TOLD.add(failed.id());
        }
    }

    private Workflow<Long> member(End end) {
        return switch (end) {
            case FAILS -> call(tasks::fail, 7L);
            case FAILS_BEFORE_OTHERS_IN_A_CHAIN ->
                    call(tasks::fail, 7L).then(tasks::value).then(tasks::value);
            case TRIES_IN_VAIN -> call(tasks::stubborn, 7L);
            case TAKES_LONGER_THAN_ITS_SOFT_LIMIT -> call(tasks::slow, 10);
            case TAKES_LONGER_THAN_ITS_HARD_LIMIT -> call(tasks::slow, 20);
            case EXPIRES -> call(tasks::value, 7L).countdown(HOUR).expires(Duration.ofMinutes(30));
            case IS_REVOKED -> call(tasks::value, 7L).id(REVOKED);
            case IS_UNKNOWN -> call("no.such.task", 7).returning(Long.class);
            case IS_REPLACED_BY_WHAT_FAILS -> call(tasks::replaced, 7L);
        };
    }

    @ParameterizedTest
    @EnumSource
    void aChordFailsAndTellsSoOnceWhenAMember(End end) {
        Callbacks.TOLD.clear();
        try (var test = TestMuster.create(app -> app.register(tasks).tasks(Callbacks.class))) {
            tasks.test = test;
            var chord =
                    group(call(tasks::value, 1L), member(end), call(tasks::value, 2L))
                            .then(tasks::body)
                            .onError(Callbacks::told);

            var result = test.muster().send(chord);
            test.muster().revoke(REVOKED);
            test.advance(HOUR.multipliedBy(10));

            assertThatThrownBy(() -> result.get(Duration.ZERO)).isInstanceOf(MusterException.class);
            var record = test.muster().resultRecord(result.id()).orElseThrow();
            assertThat(record.state()).isEqualTo(State.FAILURE);
            assertThat(record.result()).asString().contains("ChordError");
            assertThat(tasks.bodies).isEmpty();
            assertThat(Callbacks.TOLD).containsExactly(result.id());
        }
    }
}
