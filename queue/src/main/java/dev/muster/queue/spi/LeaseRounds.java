package dev.muster.queue.spi;

import java.time.Duration;
import java.util.function.LongSupplier;

/// The rhythm in which a process renews its leases, and whether it may end those of others.
///
/// Leases are renewed three times per lease. A process whose round comes late by another round
/// stood still, and so, perhaps, did the server or the machine: the leases of others may have run
/// out only because they could not be renewed. It leaves them a round to do so. But not the next
/// late round as well: where all rounds are late, what dead processes held comes back nevertheless.
///
/// Used by one thread. Times go by the system's ticks, which nobody sets.
public final class LeaseRounds {
    private static final int PER_LEASE = 3;

    private final Duration interval;
    private final LongSupplier ticks;
    private long lastBegan;
    private long began;
    private boolean sparing;
    private boolean sparedLast;

    /// @param lease how long a lease lasts that is not renewed
    public LeaseRounds(Duration lease) {
        this(lease, System::nanoTime);
    }

    LeaseRounds(Duration lease, LongSupplier ticks) {
        this.interval = lease.dividedBy(PER_LEASE);
        this.ticks = ticks;
        this.lastBegan = ticks.getAsLong();
        this.began = lastBegan;
    }

    /// Begins a round; the caller renews its own leases next.
    public void begin() {
        began = ticks.getAsLong();
    }

    /// Asked when it is known which leases of others have run out, before they are ended.
    public boolean mayEndOthers() {
        if (!sparedLast && ticks.getAsLong() - lastBegan > 2 * interval.toNanos()) {
            sparing = true;
        }
        return !sparing;
    }

    /// Ends a round that has renewed the caller's leases. One that failed does not end: the next is
    /// late then.
    public void end() {
        if (sparing) {
            began = ticks.getAsLong(); // the others have a whole round from now on
        }
        lastBegan = began;
        sparedLast = sparing;
        sparing = false;
    }

    /// How long until the next round is to begin; zero if it should have.
    public Duration untilNext() {
        var left = interval.minusNanos(ticks.getAsLong() - began);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
