package dev.muster.queue.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Keeps the entries of a schedule with their last runs, and says which of several beats is the one
/// that sends. Thread-safe.
///
/// **One leads.** A beat asks for the lead, and asks again before its lease has run out; when it
/// does not, another gets it. What the leader writes is written only while it leads: one that was
/// paused, and has been replaced, is refused.
///
/// A store connects when first used and again after a connection was lost. Methods throw
/// [ScheduleStoreException].
public interface ScheduleStore extends AutoCloseable {
    /// Takes the lead, or keeps it for another lease.
    ///
    /// @param owner who asks; no two beats that ever were have the same name
    /// @param lease how long it keeps the lead if it does not ask again
    /// @return the revision of the entries, which each change raises; empty when another leads
    OptionalLong lead(String owner, Duration lease);

    /// Gives the lead back, if `owner` has it.
    void resign(String owner);

    /// All entries.
    List<ScheduleRecord> read();

    /// Writes an entry, in place of the version that was read.
    ///
    /// @param leader who must be leading; empty when it does not matter
    /// @return the new version, which is the new revision as well; empty, and nothing is changed,
    ///   when the entry has been changed in the meantime, or `leader` does not lead
    OptionalLong write(ScheduleRecord entry, Optional<String> leader);

    /// Removes an entry, if it still is in the version that was read.
    ///
    /// @param leader as in [#write]
    /// @return the new revision; empty as in [#write]
    OptionalLong remove(ScheduleRecord entry, Optional<String> leader);

    /// Where this store is, for people: the URL with its password masked, or a file.
    String description();

    /// Frees the connections, and with them a lead that is kept by a connection. Twice is harmless.
    @Override
    void close();
}
