package dev.muster.queue;

import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
import java.time.Duration;
import java.util.Objects;

/// What a beat sends, and when. Immutable.
///
/// @param name unique in the schedule
/// @param call what is sent each time, with its options: queue, expiry, priority and so on
/// @param missed what becomes of runs whose time passed while no beat was there
/// @param jitter the longest time by which a run is put off, differently each time
public record ScheduleEntry(
        String name, Schedule schedule, Signature<?> call, MissedRuns missed, Duration jitter) {
    public ScheduleEntry {
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(missed, "missed");
        if (name.isBlank()) {
            throw new IllegalArgumentException("an entry of a schedule needs a name");
        }
        if (jitter.isNegative()) {
            throw new IllegalArgumentException("jitter must be >= 0, was " + jitter);
        }
    }

    /// Missed runs are made up for once, and there is no jitter.
    public static ScheduleEntry of(String name, Schedule schedule, Signature<?> call) {
        return new ScheduleEntry(name, schedule, call, MissedRuns.ONCE, Duration.ZERO);
    }

    public ScheduleEntry withMissed(MissedRuns value) {
        return new ScheduleEntry(name, schedule, call, value, jitter);
    }

    public ScheduleEntry withJitter(Duration value) {
        return new ScheduleEntry(name, schedule, call, missed, value);
    }
}
