package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ScheduleStore;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/// The schedule as it is kept in its store, to be read and changed while beats run. Made by
/// [Muster#schedules()]. Thread-safe.
///
/// A beat notices a change within ten seconds, or sooner with a shorter `beat_max_loop_interval`.
/// Methods throw a [dev.muster.queue.spi.ScheduleStoreException] when the store cannot be reached.
public final class Schedules implements AutoCloseable {
    private final Muster muster;
    private final ScheduleStore store;
    private final Planner planner;

    Schedules(Muster muster) {
        this.muster = muster;
        this.planner = Beat.planner(muster.settings());
        this.store = Services.scheduleStore(muster.environment());
    }

    private Instant now() {
        return muster.environment().clock().instant();
    }

    /// All entries, sorted by name. Those of programs and settings are there from the time on when
    /// a beat has first led.
    public List<ScheduledTask> list() {
        var now = now();
        return store.read().stream()
                .map(EntryFormat::read)
                .sorted(Comparator.comparing(StoredEntry::name))
                .map(entry -> described(entry, now))
                .toList();
    }

    private ScheduledTask described(StoredEntry entry, Instant now) {
        return new ScheduledTask(
                entry.entry(),
                entry.isConfigured(),
                entry.isPaused(),
                entry.lastRun(),
                entry.runs(),
                next(entry, now));
    }

    private Optional<Instant> next(StoredEntry entry, Instant now) {
        try {
            return entry.isPaused()
                    ? Optional.empty()
                    : Optional.of(planner.plan(entry, now).due());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /// Adds an entry. It counts from now on.
    ///
    /// @throws MusterException when there is one of this name
    public void add(ScheduleEntry entry) {
        var first = StoredEntry.first(entry, false, now());
        if (store.write(first.toRecord(), Optional.empty()).isEmpty()) {
            throw new MusterException(
                    "there is an entry '%s' in the schedule already; remove it first, or take another name"
                            .formatted(entry.name()));
        }
    }

    /// Sends nothing more for an entry, until it is resumed.
    ///
    /// @throws MusterException when there is no such entry
    public void pause(String name) {
        change(name, StoredEntry::paused);
    }

    /// Goes on with an entry that was paused. What it would have sent meanwhile is left out.
    ///
    /// @throws MusterException when there is no such entry
    public void resume(String name) {
        var now = now();
        change(name, entry -> entry.isPaused() ? entry.resumed(now) : entry);
    }

    private void change(String name, UnaryOperator<StoredEntry> change) {
        var changed = change.apply(find(name));
        // A beat may be writing it at the same moment.
        while (store.write(changed.toRecord(), Optional.empty()).isEmpty()) {
            changed = change.apply(find(name));
        }
    }

    /// Removes an entry that was added.
    ///
    /// @throws MusterException when there is no such entry, or it comes from a program or its
    ///   settings, which would bring it back
    public void remove(String name) {
        StoredEntry entry;
        do {
            entry = find(name);
            if (entry.isConfigured()) {
                throw new MusterException(
                        "entry '%s' comes from a program or its settings: remove it there, or pause it"
                                .formatted(name));
            }
        } while (store.remove(entry.toRecord(), Optional.empty()).isEmpty());
    }

    private StoredEntry find(String name) {
        var records = store.read();
        for (var record : records) {
            if (record.name().equals(name)) {
                return EntryFormat.read(record);
            }
        }
        var names = new TreeSet<String>();
        records.forEach(record -> names.add(record.name()));
        throw new MusterException(
                "there is no entry '%s' in the schedule %s; there %s"
                        .formatted(
                                name,
                                store.description(),
                                names.isEmpty() ? "is none" : "are " + String.join(", ", names)));
    }

    /// Where it is kept, for people: a file, or the URL with its password masked.
    public String description() {
        return store.description();
    }

    /// Frees the connection to the store.
    @Override
    public void close() {
        store.close();
    }
}
