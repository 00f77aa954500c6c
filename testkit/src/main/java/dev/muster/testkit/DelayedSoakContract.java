package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A million tasks for later are nothing to a worker. Takes minutes, so it runs with `./test
/// --soak` only.
///
/// What it measures is printed, for docs/performance.md.
@Tag("soak")
@Timeout(3600)
public abstract class DelayedSoakContract {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int DELAYED = 1_000_000;
    private static final int CHUNK = 10_000;
    private static final int AT_ONCE = 2_000;

    /// Far too little for a million messages.
    private static final int HEAP_MEGABYTES = 64;

    /// What a worker may take more with them than without: its heap grows to its limit at first.
    private static final long SPREAD_MEGABYTES = HEAP_MEGABYTES;

    private final String queue = "soak-" + UUID.randomUUID();

    /// The broker, and where results are kept.
    protected abstract Map<String, Object> settings();

    @Test
    void aMillionTasksForLaterTakeNoMemoryOfTheWorker() {
        var settings = new LinkedHashMap<>(settings());
        settings.put("task_default_queue", queue);
        var options =
                WorkerProcess.Options.of(settings, NothingLostTasks.class, queue)
                        .withHeapMegabytes(HEAP_MEGABYTES);
        try (var muster =
                        Muster.builder()
                                .settings(Settings.DEFAULT.withAll(settings))
                                .tasks(NothingLostTasks.class)
                                .build();
                var worker = WorkerProcess.start(options)) {
            runSome(muster);
            var before = worker.residentMegabytes();
            var start = System.nanoTime();

            var tomorrow = Instant.now().plus(Duration.ofDays(1));
            for (var chunk = 0; chunk < DELAYED / CHUNK; chunk++) {
                var _ =
                        muster.sendAll(
                                IntStream.range(0, CHUNK)
                                        .mapToObj(number ->
                                                call(NothingLostTasks::early, number)
                                                        .ignoreResult(true)
                                                        .eta(tomorrow))
                                        .toList());
            }
            var sent = Duration.ofNanos(System.nanoTime() - start);
            runSome(muster);

            var after = worker.residentMegabytes();
            IO.println(
                    "%s: %,d delayed tasks sent in %d s; the worker takes %d MB before, %d MB with them"
                            .formatted(
                                    muster.brokerDescription(),
                                    DELAYED,
                                    sent.toSeconds(),
                                    before,
                                    after));
            assertThat(worker.isRunning()).as(worker.log()).isTrue();
            assertThat(after).isLessThan(before + SPREAD_MEGABYTES);
        }
    }

    /// Tasks without delay are not held up by those for later.
    private static void runSome(Muster muster) {
        var results =
                muster.sendAll(
                        IntStream.range(0, AT_ONCE)
                                .mapToObj(number -> call(NothingLostTasks::early, number))
                                .toList());
        for (Result<?> result : results) {
            assertThat(result.get(PATIENCE)).isNotNull();
        }
    }
}
