package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.queue.Beat;
import dev.muster.queue.Muster;
import dev.muster.queue.ScheduleEntry;
import dev.muster.queue.ScheduledTask;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.Worker;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What beats must do, whatever store keeps their schedule. The clock is turned, and the broker is
/// in memory. Extend it, and name the store; each test has a fresh one.
@Timeout(180)
public abstract class BeatContract {
    /// Long enough that only a defect lets it pass.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeClock clock = new FakeClock();
    private final Notes notes = new Notes();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private Muster muster;
    private Worker worker;

    /// The task that is sent: it notes for which time.
    static final class Notes {
        private final Queue<String> times = new ConcurrentLinkedQueue<>();

        @Task(name = "contract.note")
        void note(TaskContext task, String text) {
            times.add(text + " " + Instant.parse(scheduledAt(task)).toString().substring(11, 19));
        }

        private static String scheduledAt(TaskContext task) {
            return String.valueOf(task.headers().get("scheduled_at")).replace("+00:00", "Z");
        }
    }

    /// The settings that name the store: `beat_schedule_store` or `beat_schedule_filename`.
    protected abstract Map<String, Object> store();

    @BeforeEach
    final void startWorker() {
        muster =
                Muster.builder()
                        .settings(Settings.DEFAULT.withAll(store()))
                        .set("broker_url", "memory:")
                        .set("beat_max_loop_interval", "200ms")
                        // Longer than the clock is advanced while a lead shall be kept.
                        .set("beat_lease", "1h")
                        .clock(clock)
                        .register(notes)
                        .build();
        opened.push(muster);
        worker = muster.worker().start();
        opened.push(worker);
    }

    @AfterEach
    final void closeWhatWasOpened() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    private static ScheduleEntry every(Duration interval, String text) {
        return ScheduleEntry.of(text, Schedule.every(interval), call("contract.note", text));
    }

    private Beat beat(ScheduleEntry... entries) {
        var builder = muster.beat();
        List.of(entries).forEach(builder::add);
        var beat = builder.start();
        opened.push(beat);
        return beat;
    }

    private Beat leader(ScheduleEntry... entries) {
        var beat = beat(entries);
        assertThat(beat.awaitLeading(PATIENCE)).isTrue();
        return beat;
    }

    private void awaitNotes(String... expected) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(notes.times).containsExactlyInAnyOrder(expected));
    }

    @Test
    void sendsAtItsTimesAndNotBefore() {
        leader(
                every(MINUTE, "interval"),
                ScheduleEntry.of(
                        "crontab",
                        Schedule.crontab("*/2 * * * *"),
                        call("contract.note", "crontab")));

        clock.advance(Duration.ofSeconds(59));
        clock.advance(Duration.ofSeconds(1));
        awaitNotes("interval 00:01:00");

        clock.advance(MINUTE);
        awaitNotes("interval 00:01:00", "interval 00:02:00", "crontab 00:02:00");
    }

    @Test
    void aClockThatIsTurnedFarStopsAtEachRun() {
        leader(every(MINUTE, "a"));

        clock.advance(Duration.ofMinutes(3));

        awaitNotes("a 00:01:00", "a 00:02:00", "a 00:03:00");
    }

    @Test
    void whatWasMissedIsMadeUpForAsTheEntrySays() {
        var entries =
                new ScheduleEntry[] {
                    every(MINUTE, "once"),
                    every(MINUTE.multipliedBy(3), "skip").withMissed(MissedRuns.SKIP),
                    every(MINUTE, "all").withMissed(MissedRuns.ALL)
                };
        leader(entries).close();

        clock.advance(Duration.ofSeconds(270));
        leader(entries);
        awaitNotes("once 00:04:30", "all 00:01:00", "all 00:02:00", "all 00:03:00", "all 00:04:00");

        clock.advance(Duration.ofSeconds(30));
        await().atMost(PATIENCE).until(() -> notes.times.contains("all 00:05:00"));
        clock.advance(Duration.ofSeconds(30));
        await().atMost(PATIENCE).until(() -> notes.times.contains("once 00:05:30"));
        clock.advance(Duration.ofSeconds(30));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(notes.times)
                                .contains("all 00:06:00", "skip 00:06:00")
                                .hasSize(9));
    }

    @Test
    void noMoreThanAHundredRunsAreMadeUpFor() {
        var entry = every(Duration.ofSeconds(1), "all").withMissed(MissedRuns.ALL);
        leader(entry).close();

        clock.advance(Duration.ofDays(1000));
        leader(entry);

        await().atMost(PATIENCE).until(() -> notes.times.size() >= MissedRuns.LIMIT);
        clock.advance(Duration.ofSeconds(1));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(notes.times)
                                .hasSize(MissedRuns.LIMIT + 1)
                                .doesNotHaveDuplicates()
                                .contains("all 23:58:21", "all 00:00:01"));
    }

    @Test
    void ofTwoBeatsOneSendsAndTheOtherTakesOver() {
        var first = leader(every(MINUTE, "a"));
        var second = beat(every(MINUTE, "a"));
        clock.advance(MINUTE);
        awaitNotes("a 00:01:00");
        assertThat(second.isLeading()).isFalse();

        first.close();
        assertThat(second.awaitLeading(PATIENCE)).isTrue();
        assertThat(first.isLeading()).isFalse();
        clock.advance(MINUTE);
        awaitNotes("a 00:01:00", "a 00:02:00");
    }

    @Test
    void aRestartNeitherForgetsNorRepeats() {
        leader(every(MINUTE, "a")).close();
        clock.advance(Duration.ofSeconds(40));
        leader(every(MINUTE, "a")).close();
        clock.advance(Duration.ofSeconds(20));
        leader(every(MINUTE, "a"));
        awaitNotes("a 00:01:00");

        try (var schedules = muster.schedules()) {
            assertThat(schedules.list())
                    .singleElement()
                    .satisfies(listed -> {
                        assertThat(listed.totalRunCount()).isEqualTo(1);
                        assertThat(listed.lastRunAt()).isEqualTo(clock.instant());
                        assertThat(listed.nextRunAt()).contains(clock.instant().plus(MINUTE));
                        assertThat(listed.isConfigured()).isTrue();
                    });
        }
    }

    @Test
    void aChangedEntryKeepsItsLastRunAndOneThatIsGoneIsForgotten() {
        leader(every(Duration.ofMinutes(30), "changed"), every(MINUTE, "gone")).close();
        clock.advance(Duration.ofSeconds(50));
        leader(every(MINUTE, "changed"));

        clock.advance(Duration.ofSeconds(10));
        awaitNotes("changed 00:01:00");
        try (var schedules = muster.schedules()) {
            assertThat(schedules.list())
                    .extracting(t -> t.entry().name())
                    .containsExactly("changed");
        }
    }

    @Test
    void entriesAreAddedPausedResumedAndRemovedWhileABeatRuns() {
        leader(every(MINUTE, "configured"));
        try (var schedules = muster.schedules()) {
            schedules.add(every(MINUTE, "added"));
            schedules.pause("configured");
            awaitNotice("added", "configured");
            clock.advance(MINUTE);
            awaitNotes("added 00:01:00");

            schedules.resume("configured");
            schedules.remove("added");
            awaitNotice("configured");
            clock.advance(MINUTE);
            awaitNotes("added 00:01:00", "configured 00:02:00");

            assertThatThrownBy(() -> schedules.remove("configured"))
                    .isInstanceOf(MusterException.class)
                    .hasMessageContaining("pause it");
            assertThatThrownBy(() -> schedules.pause("unknown"))
                    .isInstanceOf(MusterException.class)
                    .hasMessageContaining("there are configured");
            assertThatThrownBy(() -> schedules.add(every(MINUTE, "configured")))
                    .isInstanceOf(MusterException.class)
                    .hasMessageContaining("already");
        }
    }

    /// A beat notices by asking the store; an entry that is due at once, and once, shows that it
    /// has done so.
    private void awaitNotice(String... entries) {
        var probe = "probe" + notes.times.size();
        try (var schedules = muster.schedules()) {
            schedules.add(every(Duration.ofMillis(1), probe));
            clock.advance(Duration.ofMillis(1));
            await().atMost(PATIENCE)
                    .until(() -> notes.times.stream().anyMatch(note -> note.startsWith(probe)));
            schedules.remove(probe);
            notes.times.removeIf(note -> note.startsWith(probe));
            assertThat(schedules.list())
                    .extracting(listed -> listed.entry().name())
                    .containsExactlyInAnyOrder(entries);
        }
    }

    @Test
    void jitterPutsARunOffAndNotAwayFromItsTime() {
        var entry =
                ScheduleEntry.of("a", Schedule.crontab("*/10 * * * *"), call("contract.note", "a"))
                        .withJitter(MINUTE);
        leader(entry);
        Instant next;
        try (var schedules = muster.schedules()) {
            next =
                    schedules.list().stream()
                            .findFirst()
                            .flatMap(ScheduledTask::nextRunAt)
                            .orElseThrow();
        }

        assertThat(next)
                .isBetween(
                        clock.instant().plus(MINUTE.multipliedBy(10)),
                        clock.instant().plus(MINUTE.multipliedBy(11)));
        clock.set(next.minusMillis(1));
        clock.set(next);
        awaitNotes("a 00:10:00");
    }
}
