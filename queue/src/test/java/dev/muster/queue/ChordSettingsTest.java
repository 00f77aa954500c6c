package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Signature.Option;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// What settings change in chords.
class ChordSettingsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Tasks tasks = new Tasks();

    static class Tasks {
        private final Queue<String> errors = new ConcurrentLinkedQueue<>();
        private final Semaphore gate = new Semaphore(0);

        @Task(name = "fail")
        static int fail() {
            throw new IllegalStateException("as it is told to");
        }

        @Task(name = "gated")
        int gated() throws InterruptedException {
            gate.acquire();
            return 1;
        }

        @Task(name = "sum")
        static int sum(List<Integer> numbers) {
            return numbers.stream().mapToInt(number -> number).sum();
        }

        @Task(name = "page")
        void page(String id) {
            errors.add(id);
        }
    }

    private Muster.Builder muster(Map<String, ?> settings) {
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", "memory:").withAll(settings))
                .register(tasks);
    }

    @Test
    void errorCallbacksOfAChordAreThoseOfItsMembersIfTheSettingSaysSo() {
        for (var isOn : List.of(false, true)) {
            tasks.errors.clear();
            try (var app = muster(Map.of("task_allow_error_cb_on_chord_header", isOn)).build();
                    var _ = app.worker().start()) {
                var chord =
                        group(call("fail").id("member"), call("fail").id("other"))
                                .then(call("sum").id("body"))
                                .onError(call("page"));
                var result = app.send(chord);
                assertThatThrownBy(() -> result.get(LONG)).isInstanceOf(TaskFailedException.class);

                var expected = isOn ? List.of("member", "other", "body") : List.of("body");
                Awaitility.await()
                        .atMost(LONG)
                        .untilAsserted(() ->
                                assertThat(tasks.errors)
                                        .containsExactlyInAnyOrderElementsOf(expected));
            }
        }
    }

    @Test
    void aChordThatIsNotCountedIsLookedAtAsOftenAsTheSettingSays() {
        var delays = new ConcurrentLinkedQueue<Moment>();
        var hooks =
                new TaskHooks() {
                    @Override
                    public void sending(Signature<?> call, String id) {
                        if (call.task().equals(ChordUnlock.NAME)) {
                            delays.add(call.option(Option.ETA).orElseThrow());
                        }
                    }
                };
        try (var app =
                        muster(
                                        Map.of(
                                                "result_backend",
                                                "faulty:",
                                                "result_chord_retry_interval",
                                                "50ms"))
                                .hooks(hooks)
                                .build();
                // Room for the task that looks, beside those that wait.
                var _ = app.worker().concurrency(4).start()) {
            var sum = app.send(group(call("gated"), call("gated")).then(call("sum")));
            try {
                Awaitility.await().atMost(LONG).until(() -> delays.size() >= 3);
            } finally {
                tasks.gate.release(2);
            }

            assertThat(sum.get(LONG)).isEqualTo(2L);
            assertThat(delays.stream().skip(1))
                    .containsOnly(new Moment.After(Duration.ofMillis(50)));
        }
    }

    @Test
    void aSettingThatMeansNothingHereIsRefusedWithTheReason() {
        assertThatThrownBy(() -> Settings.DEFAULT.with("result_chord_join_timeout", 3))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("result_chord_join_timeout")
                .hasMessageContaining("has no meaning here");
    }
}
