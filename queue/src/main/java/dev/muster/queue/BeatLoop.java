package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.WireTime;
import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a beat does, round by round: keep the lead, send what is due, tell how long to wait. Used
/// by one thread at a time.
///
/// **A run** is written into the store with the id of its task, then sent, then the id is taken
/// away. Who dies in between leaves the id, and whoever leads next sends the same task: a run is
/// not lost, and it is sent twice, with one id, only if the end came after the message and before
/// the last step.
///
/// **The lead** is checked by the store with each write, and by the clock before each message, as a
/// beat that was paused between the two may have been replaced.
final class BeatLoop {
    private static final Logger LOG = LoggerFactory.getLogger(Beat.class);

    /// The lead is renewed so often within a lease that two renewals may fail.
    private static final int ROUNDS_PER_LEASE = 3;

    private static final int TRIES = 5;
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(30));
    private static final long UNKNOWN = -1;

    private final Muster muster;
    private final ScheduleStore store;
    private final Map<String, ScheduleEntry> configured;
    private final Planner planner;
    private final Duration lease;
    private final Duration renewal;
    private final String owner = UUID.randomUUID().toString();

    private boolean leads;
    private boolean standsBy;
    private long revision = UNKNOWN;
    private int failures;
    private Optional<String> problem = Optional.empty();

    /// As [#nanoTime()] counts: not by the clock, as the leases of stores are not.
    private long renewedAt;

    BeatLoop(
            Muster muster,
            ScheduleStore store,
            Collection<ScheduleEntry> configured,
            Planner planner,
            Duration lease,
            Duration maxInterval) {
        this.muster = muster;
        this.store = store;
        this.configured = new LinkedHashMap<>();
        configured.forEach(entry -> this.configured.put(entry.name(), entry));
        this.planner = planner;
        this.lease = lease;
        var renewal = lease.dividedBy(ROUNDS_PER_LEASE);
        this.renewal = renewal.compareTo(maxInterval) < 0 ? renewal : maxInterval;
    }

    boolean leads() {
        return leads;
    }

    /// Why the last round failed; empty when it did not.
    Optional<String> problem() {
        return problem;
    }

    /// One round.
    ///
    /// @return how long there is nothing to do, unless the clock is turned
    Duration round() {
        try {
            var pause = attempt();
            failures = 0;
            problem = Optional.empty();
            return pause;
        } catch (BrokerException | ScheduleStoreException e) {
            var pause = failed(String.valueOf(e.getMessage()));
            LOG.warn("beat: {}; trying again in {} s", e.getMessage(), pause.toSeconds());
            return pause;
        } catch (RuntimeException e) { // one defect must not end all schedules
            var pause = failed(e.toString());
            LOG.error("beat: trying again in {} s", pause.toSeconds(), e);
            return pause;
        }
    }

    /// What the store has is not known any more.
    private Duration failed(String reason) {
        problem = Optional.of(reason);
        revision = UNKNOWN;
        return BACKOFF.delay(failures++);
    }

    /// Begins anew when somebody has changed the schedule in its middle.
    private Duration attempt() {
        for (var tries = 0; tries < TRIES; tries++) {
            if (lead() && sendWhatIsDue()) {
                var untilRenewal = renewal.minusNanos(nanoTime() - renewedAt);
                return nextRun()
                        .map(due -> Duration.between(now(), due))
                        .filter(pause -> pause.compareTo(untilRenewal) < 0)
                        .orElse(untilRenewal);
            }
            if (!leads) {
                return renewal;
            }
        }
        return Duration.ofSeconds(1);
    }

    /// When the next run is due; empty when there is none, or another beat sends.
    Optional<Instant> nextRun() {
        return leads ? planner.next() : Optional.empty();
    }

    private Instant now() {
        return muster.environment().clock().instant();
    }

    private long nanoTime() {
        return muster.environment().nanoTime();
    }

    /// Keeps the lead, and the entries as the store has them.
    private boolean lead() {
        var asked = nanoTime();
        if (!leads || revision == UNKNOWN || asked - renewedAt >= renewal.toNanos()) {
            var found = store.lead(owner, lease);
            if (leads != found.isPresent()) {
                leads = found.isPresent();
                revision = UNKNOWN;
            }
            if (found.isEmpty()) {
                if (!standsBy) {
                    LOG.info("beat: another beat leads {}; standing by", store.description());
                }
                standsBy = true;
                return false;
            }
            if (standsBy) {
                LOG.info("beat: taking over {}", store.description());
            }
            standsBy = false;
            renewedAt = asked;
            if (found.getAsLong() != revision) {
                var isNew = revision == UNKNOWN;
                revision = found.getAsLong();
                return load(isNew);
            }
        }
        return true;
    }

    /// @param merges whether to bring the store up to date with the configuration
    /// @return false when the lead was lost, or something has changed meanwhile
    private boolean load(boolean merges) {
        var entries = new LinkedHashMap<String, StoredEntry>();
        for (var record : store.read()) {
            try {
                entries.put(record.name(), EntryFormat.read(record));
            } catch (DecodeException e) {
                LOG.error("beat: {}", e.getMessage());
            }
        }
        if (merges && !merge(entries)) {
            return unknown();
        }
        var now = now();
        entries.replaceAll((_, entry) -> notInTheFuture(entry, now));
        var pending =
                entries.values().stream().filter(entry -> entry.pending().isPresent()).toList();
        planner.replaceAll(
                entries.values().stream().filter(entry -> entry.pending().isEmpty()).toList(), now);
        for (var entry : pending) {
            if (!send(entry)) {
                return unknown();
            }
        }
        return true;
    }

    private boolean unknown() {
        revision = UNKNOWN;
        return false;
    }

    /// A clock that was ahead must not silence an entry until it is caught up with.
    private static StoredEntry notInTheFuture(StoredEntry entry, Instant now) {
        return entry.lastRun().isAfter(now) ? entry.lastRunAt(now) : entry;
    }

    private boolean merge(Map<String, StoredEntry> entries) {
        for (var old : List.copyOf(entries.values())) {
            if (old.isConfigured() && !configured.containsKey(old.name())) {
                var removed = store.remove(old.toRecord(), Optional.of(owner));
                if (removed.isEmpty()) {
                    return false;
                }
                changed(removed.getAsLong());
                entries.remove(old.name());
            }
        }
        var changed = new ArrayList<StoredEntry>();
        for (var entry : configured.values()) {
            var old = entries.get(entry.name());
            if (old == null) {
                changed.add(StoredEntry.first(entry, true, now()));
            } else if (!old.isConfigured() || !EntryFormat.isSame(old.entry(), entry)) {
                changed.add(old.configured(entry));
            }
        }
        for (var entry : changed) {
            var written = write(entry);
            if (written.isEmpty()) {
                return false;
            }
            entries.put(entry.name(), written.get());
        }
        return true;
    }

    /// Empty when the lead was lost, or somebody else has changed the entry.
    private Optional<StoredEntry> write(StoredEntry entry) {
        var version = store.write(entry.toRecord(), Optional.of(owner));
        if (version.isEmpty()) {
            return Optional.empty();
        }
        changed(version.getAsLong());
        return Optional.of(entry.withVersion(version.getAsLong()));
    }

    /// Others' changes in between leave a gap, which the next renewal finds.
    private void changed(long newRevision) {
        if (newRevision == revision + 1) {
            revision = newRevision;
        }
    }

    private boolean sendWhatIsDue() {
        for (var run = planner.poll(now()); run.isPresent(); run = planner.poll(now())) {
            var begun = write(run.get().entry().begun(run.get().time()));
            if (begun.isEmpty() || !send(begun.get())) {
                return unknown();
            }
        }
        return true;
    }

    /// Sends what has been written as pending.
    ///
    /// @return false when the lead may be lost
    private boolean send(StoredEntry entry) {
        if (nanoTime() - renewedAt >= lease.toNanos()) {
            LOG.warn("beat: '{}' was about to be sent when the lead ran out", entry.name());
            return false;
        }
        var call = entry.entry().call();
        LOG.info("Scheduler: Sending due task {} ({})", entry.name(), call.task());
        try {
            var result =
                    muster.send(
                            call.id(entry.pending().orElseThrow())
                                    .header("scheduled_at", WireTime.format(entry.lastRun())));
            LOG.debug("{} sent. id->{}", call.task(), result.id());
        } catch (BrokerException e) {
            if (e.isTransient()) {
                throw e;
            }
            LOG.error("beat: '{}' could not be sent: {}", entry.name(), e.getMessage());
        } catch (RuntimeException e) { // what cannot be sent now cannot be sent later
            LOG.error("beat: '{}' could not be sent", entry.name(), e);
        }
        var sent = confirm(entry);
        sent.ifPresent(confirmed -> planner.add(confirmed, now()));
        return sent.isPresent();
    }

    /// Takes the pending id away, also from an entry that somebody has changed meanwhile.
    private Optional<StoredEntry> confirm(StoredEntry entry) {
        var sent = write(entry.sent());
        for (var tries = 1; sent.isEmpty() && tries < TRIES; tries++) {
            var current =
                    store.read().stream()
                            .filter(record -> record.name().equals(entry.name()))
                            .map(EntryFormat::read)
                            .filter(found -> found.pending().equals(entry.pending()))
                            .findAny();
            if (current.isEmpty()) {
                return Optional.empty();
            }
            sent = write(current.get().sent());
        }
        return sent;
    }

    /// Gives the lead to others.
    void resign() {
        try {
            if (leads) {
                store.resign(owner);
            }
        } catch (ScheduleStoreException e) {
            LOG.debug("the lead was not given back, and runs out", e);
        }
    }
}
