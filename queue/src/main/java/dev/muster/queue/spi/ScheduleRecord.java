package dev.muster.queue.spi;

import java.util.Objects;

/// An entry of a schedule as a [ScheduleStore] keeps it, which does not look into it.
///
/// @param version of the entry that was read; 0 for one that is to be new
/// @param document a JSON object
public record ScheduleRecord(String name, long version, String document) {
    public ScheduleRecord {
        Objects.requireNonNull(document, "document");
        if (name.isBlank()) {
            throw new IllegalArgumentException("an entry of a schedule needs a name");
        }
    }
}
