package dev.muster.queue;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// An entry of a schedule as it stands: what is to be sent, and what has been.
///
/// @param isConfigured whether it comes from a program or its settings; it goes with them, and can
///   be paused, but not removed
/// @param lastRunAt the time for which it was sent last, or when it was first seen
/// @param totalRunCount how often it has been sent
/// @param nextRunAt when it will be sent; empty when it is paused, or never will
public record ScheduledTask(
        ScheduleEntry entry,
        boolean isConfigured,
        boolean isPaused,
        Instant lastRunAt,
        long totalRunCount,
        Optional<Instant> nextRunAt) {
    public ScheduledTask {
        Objects.requireNonNull(entry, "entry");
        Objects.requireNonNull(lastRunAt, "lastRunAt");
        Objects.requireNonNull(nextRunAt, "nextRunAt");
    }
}
