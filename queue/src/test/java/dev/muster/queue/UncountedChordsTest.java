package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Chords on a result store that does not count: a task looks again and again whether the members
/// have ended (celery-wire 5.7).
@Timeout(120)
class UncountedChordsTest {
    private static final Duration LONG = Duration.ofSeconds(40);

    private final Muster muster =
            Muster.builder()
                    .settings(
                            Settings.DEFAULT.withAll(
                                    Map.of("broker_url", "memory:", "result_backend", "faulty:")))
                    .tasks(Tasks.class)
                    .build();
    private Worker worker;

    static final class Tasks {
        private static final BlockingQueue<String> FAILED = new LinkedBlockingQueue<>();

        private Tasks() {}

        @Task
        static int square(int number) {
            return number * number;
        }

        @Task
        static int fail(int number) {
            if (number >= 0) {
                throw new IllegalStateException("no " + number);
            }
            return number;
        }

        @Task
        static int sum(List<Integer> numbers) {
            return numbers.stream().mapToInt(number -> number).sum();
        }

        @Task
        static String join(List<Integer> values) {
            return String.valueOf(values);
        }

        @Task
        static void handle(TaskRequest failed, Throwable cause, String traceback) {
            FAILED.add(failed.id() + " " + cause.getMessage());
        }
    }

    @BeforeEach
    void start() {
        worker = muster.worker().concurrency(4).start();
        Tasks.FAILED.clear();
    }

    @AfterEach
    void stop() {
        worker.close();
        muster.close();
    }

    @Test
    void theBodyGetsTheValuesInOrder() {
        var members = IntStream.range(0, 5).mapToObj(n -> call(Tasks::square, n));

        assertThat(muster.send(group(members).then(Tasks::join)).get(LONG))
                .isEqualTo("[0, 1, 4, 9, 16]");
    }

    @Test
    void chordsNestAndStandInChains() {
        var inner = group(call(Tasks::square, 1), call(Tasks::square, 2)).then(Tasks::sum);
        var outer = group(inner, call(Tasks::square, 3)).then(Tasks::sum).then(Tasks::square);

        assertThat(muster.send(outer).get(LONG)).isEqualTo(14 * 14);
    }

    @Test
    void aFailingMemberFailsTheBodyAndCallsItsErrorCallbackOnce() throws InterruptedException {
        var chord =
                group(call(Tasks::square, 1), call(Tasks::fail, 7))
                        .then(Tasks::sum)
                        .onError(Tasks::handle);

        var result = muster.send(chord);

        assertThatThrownBy(() -> result.get(LONG))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("no 7");
        assertThat(Tasks.FAILED.poll(40, TimeUnit.SECONDS))
                .startsWith(result.id())
                .contains("no 7");
        assertThat(Tasks.FAILED).isEmpty();
    }

    @Test
    void whoLooksForTheLastTimeFailsTheBody() {
        var body = call("UncountedChordsTest.Tasks.sum").id("body");
        var member = call(Tasks::square, 1).countdown(Duration.ofDays(1)).id("member");
        muster.send(member);

        muster.send(
                call("celery.chord_unlock", "group", body.toMap())
                        .kwarg("max_retries", 0)
                        .kwarg("interval", null)
                        .kwarg("result", List.of("member")));

        assertThatThrownBy(() -> muster.result("body", Integer.class).get(LONG))
                .hasMessageContaining("not ended in time");
        assertThat(muster.result("member", Integer.class).state()).isEqualTo(State.PENDING);
    }

    @Test
    void aChordIsRefusedWhereResultsAreDisabled() {
        var settings =
                Settings.DEFAULT.withAll(
                        Map.of("broker_url", "memory:", "result_backend", "disabled:"));
        try (var without = Muster.builder().settings(settings).tasks(Tasks.class).build()) {
            var chord = group(call(Tasks::square, 1), call(Tasks::square, 2)).then(Tasks::sum);

            assertThatThrownBy(() -> without.send(chord))
                    .isInstanceOf(MusterException.class)
                    .hasMessageContaining("result_backend");
            assertThat(without.queueLength("celery")).isZero();
        }
    }
}
