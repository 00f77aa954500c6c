package dev.muster.queue;

import dev.muster.queue.spi.ScheduleRecord;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// An entry of a schedule with its past.
///
/// @param version of the store
/// @param isConfigured whether it comes from the program or its settings, and so goes with them
/// @param lastRun the time for which it was sent last, or when it was first seen
/// @param runs how often it has been sent
/// @param pending the id of the task that is being sent: it is written before the task is sent, and
///   taken away after, so that who finds it sends the task again, and not another one
record StoredEntry(
        ScheduleEntry entry,
        long version,
        boolean isConfigured,
        boolean isPaused,
        Instant lastRun,
        long runs,
        Optional<String> pending) {
    static StoredEntry first(ScheduleEntry entry, boolean isConfigured, Instant now) {
        return new StoredEntry(entry, 0, isConfigured, false, now, 0, Optional.empty());
    }

    String name() {
        return entry.name();
    }

    StoredEntry withVersion(long value) {
        return new StoredEntry(entry, value, isConfigured, isPaused, lastRun, runs, pending);
    }

    /// With what the configuration says now; its past stays.
    StoredEntry configured(ScheduleEntry value) {
        return new StoredEntry(value, version, true, isPaused, lastRun, runs, pending);
    }

    StoredEntry paused() {
        return new StoredEntry(entry, version, isConfigured, true, lastRun, runs, pending);
    }

    /// What was left out meanwhile is not made up for.
    StoredEntry resumed(Instant now) {
        return new StoredEntry(entry, version, isConfigured, false, now, runs, pending);
    }

    StoredEntry lastRunAt(Instant time) {
        return new StoredEntry(entry, version, isConfigured, isPaused, time, runs, pending);
    }

    /// About to be sent for a time.
    StoredEntry begun(Instant time) {
        return new StoredEntry(
                entry,
                version,
                isConfigured,
                isPaused,
                time,
                runs + 1,
                Optional.of(UUID.randomUUID().toString()));
    }

    StoredEntry sent() {
        return new StoredEntry(
                entry, version, isConfigured, isPaused, lastRun, runs, Optional.empty());
    }

    ScheduleRecord toRecord() {
        return new ScheduleRecord(name(), version, EntryFormat.write(this));
    }
}
