package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000); // it may overflow

    static class Tasks {
        @Task(name = "limited", rateLimit = "10/s")
        static long limited() {
            return System.nanoTime();
        }

        @Task(name = "rare", rateLimit = "1/h")
        static void rare() {}

        @Task(name = "free")
        static long free() {
            return System.nanoTime();
        }
    }

    private static TaskDefinition task(String name) {
        return TaskRegistry.of(List.of(Tasks.class), List.of()).find(name).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"10/s, 100", "100/m, 600", "2/h, 1800000", "4, 250", "0.5/s, 2000"})
    void aRateIsAnIntervalBetweenStarts(String text, long millis) {
        assertThat(RateLimit.parse(text)).hasValue(new RateLimit(Duration.ofMillis(millis), text));
    }

    @Test
    void zeroIsNoLimit() {
        assertThat(RateLimit.parse("0")).isEmpty();
        assertThat(RateLimit.parse("0/m")).isEmpty();
        assertThat(RateLimit.parse("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "10/d", "-1/s", "10 per s", "/s"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> RateLimit.parse(text)).hasMessageContaining("'" + text + "'");
    }

    @Test
    void startsAreOneIntervalApartAndNeverSavedUp() {
        var limits = new RateLimits(Settings.DEFAULT, now::get);
        var limited = task("limited");

        assertThat(Stream.generate(() -> limits.reserve(limited).toMillis()).limit(3))
                .containsExactly(0L, 100L, 200L);
        now.addAndGet(Duration.ofMillis(250).toNanos());
        assertThat(limits.reserve(limited)).isEqualTo(Duration.ofMillis(50));
        now.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(Stream.generate(() -> limits.reserve(limited).toMillis()).limit(2))
                .containsExactly(0L, 100L);
        assertThat(limits.reserve(task("free"))).isZero();
    }

    @Test
    void theSettingsLimitTasksThatSayNothingOrNone() {
        var strict =
                new RateLimits(Settings.DEFAULT.with("task_default_rate_limit", "1/m"), now::get);
        assertThat(strict.reserve(task("free"))).isZero();
        assertThat(strict.reserve(task("free"))).isEqualTo(Duration.ofMinutes(1));

        var off =
                new RateLimits(Settings.DEFAULT.with("worker_disable_rate_limits", true), now::get);
        assertThat(Stream.generate(() -> off.reserve(task("limited"))).limit(5))
                .containsOnly(Duration.ZERO);
    }

    @Test
    void aRateCanBeChangedAndLifted() {
        var limits = new RateLimits(Settings.DEFAULT, now::get);
        var rare = task("rare");
        limits.reserve(rare);

        limits.change(rare, RateLimit.parse("10/s"));
        assertThat(Stream.generate(() -> limits.reserve(rare).toMillis()).limit(2))
                .containsExactly(0L, 100L);
        limits.change(rare, RateLimit.parse("0"));
        assertThat(Stream.generate(() -> limits.reserve(rare).toMillis()).limit(2))
                .containsOnly(0L);
    }

    static class SharedTasks {
        @Task(name = "shared", rateLimit = "1/s", rateLimitScope = Task.Scope.CLUSTER)
        static void shared() {}
    }

    @Test
    void aStoreThatCannotKeepACommonRateIsNamedWhenTheWorkerStarts() {
        var settings =
                Settings.DEFAULT.with("broker_url", "memory:").with("result_backend", "rpc://");
        try (var muster = Muster.builder().settings(settings).tasks(SharedTasks.class).build()) {
            assertThatThrownBy(() -> muster.worker().start())
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("shared")
                    .hasMessageContaining("result_backend");
        }
    }

    @Test
    void aWorkerKnowsNoRateOfATaskThatItDoesNotKnow() {
        var settings = Settings.DEFAULT.with("broker_url", "memory:");
        try (var muster = Muster.builder().settings(settings).tasks(Tasks.class).build();
                var worker = muster.worker().start()) {
            worker.rateLimit("rare", "1/s");
            assertThatThrownBy(() -> worker.rateLimit("nobody", "1/s"))
                    .hasMessageContaining("'nobody'");
            assertThatThrownBy(() -> worker.rateLimit("rare", "often"))
                    .hasMessageContaining("'often'");
        }
    }

    @Test
    void aWorkerKeepsTasksAtTheirRateAndDoesTheOthersMeanwhile() {
        var settings = Settings.DEFAULT.with("broker_url", "memory:");
        try (var muster = Muster.builder().settings(settings).tasks(Tasks.class).build();
                var _ = muster.worker().concurrency(4).start()) {
            var sent = System.nanoTime();
            muster.sendAll(List.of(call("rare"), call("rare"), call("rare")));
            var limited =
                    muster.sendAll(
                            IntStream.range(0, 6)
                                    .mapToObj(_ -> call("limited").returning(Long.class))
                                    .toList());
            muster.send(call("free")).get(Duration.ofMinutes(1));

            var last =
                    limited.stream()
                            .mapToLong(result -> result.get(Duration.ofMinutes(1)))
                            .max()
                            .orElseThrow();
            // Timers are late, never early.
            assertThat(Duration.ofNanos(last - sent))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(500));
        }
    }

    @Test
    void aWorkerThatStopsGivesBackWhatItHolds() {
        var settings = Settings.DEFAULT.with("broker_url", "memory:");
        try (var muster =
                Muster.builder()
                        .settings(settings.with("task_default_rate_limit", "1/h"))
                        .tasks(Tasks.class)
                        .build()) {
            var results =
                    muster.sendAll(IntStream.range(0, 3).mapToObj(_ -> call("free")).toList());
            try (var _ = muster.worker().start()) {
                results.getFirst().get(Duration.ofMinutes(1));
            }
            assertThat(muster.queueLength("celery")).isEqualTo(2);
        }
    }
}
