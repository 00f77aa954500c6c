package dev.muster.queue.spi;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The rhythm in which a process renews its leases, and whether it may end those of others.
///
/// Leases are renewed three times per lease, and while that fails it is tried three times as often.
/// A process that renews for the first time, or a round too late, does not know whether the others
/// could: it, the machine or the server stood still. It spares their leases, even those that have
/// run out, for as long as a round takes. But where it is always late it does so three times at the
/// most, so that what dead processes held comes back nevertheless.
///
/// Thread-safe; one thread renews, and any may ask. Time goes by the system's ticks, or by its
/// clock where that has gone further: ticks stand still while a machine is suspended, and leases do
/// not.
public final class LeaseRounds {
    /// Rounds that are shorter would be late for the least delay.
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(300);

    private static final int PER_LEASE = 3;
    private static final int TRIES_PER_ROUND = 3;
    private static final int SPARED_IN_A_ROW = 3;

    private final Duration interval;
    private final LongSupplier ticks;
    private final LongSupplier clock;

    /// Guarded by this object, as is what follows.
    private long began;

    private long beganByClock;
    private boolean late;

    /// Whether the round that began last has ended.
    private boolean ended;

    /// In how many rounds in a row it was late, up to the last that ended.
    private int lateRounds;

    /// When the last round began that ended.
    private long renewed;

    private long renewedByClock;
    private boolean neverRenewed = true;
    private boolean sparing;
    private long spareUntil;

    /// @param lease how long a lease lasts that is not renewed
    /// @throws SettingsException when that is less than 300 ms
    public LeaseRounds(Duration lease) {
        this(checked(lease), System::nanoTime, System::currentTimeMillis);
    }

    private static Duration checked(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            throw new SettingsException(
                    "broker_transport_options: lease must be at least %s, was %s"
                            .formatted(SHORTEST_LEASE, lease));
        }
        return lease;
    }

    /// @param ticks in nanoseconds
    /// @param clock in milliseconds
    LeaseRounds(Duration lease, LongSupplier ticks, LongSupplier clock) {
        this.interval = lease.dividedBy(PER_LEASE);
        this.ticks = ticks;
        this.clock = clock;
    }

    /// From the beginning of a round to that of the next.
    public Duration interval() {
        return interval;
    }

    /// Begins a round; the caller renews its own leases next.
    public synchronized void begin() {
        began = ticks.getAsLong();
        beganByClock = clock.getAsLong();
        late = false;
        ended = false;
    }

    /// Asked when it is known which leases of others have run out, and before they are ended.
    public synchronized boolean mayEndOthers() {
        var now = ticks.getAsLong();
        if (isLate(now) && lateRounds < SPARED_IN_A_ROW) {
            late = true;
            sparing = true;
            spareUntil = now + interval.toNanos();
        }
        sparing = sparing && now - spareUntil < 0;
        return !sparing;
    }

    private boolean isLate(long now) {
        var byClock = TimeUnit.MILLISECONDS.toNanos(clock.getAsLong() - renewedByClock);
        return neverRenewed || Math.max(now - renewed, byClock) > 2 * interval.toNanos();
    }

    /// Ends a round that has renewed the caller's leases. One that failed does not end.
    public synchronized void end() {
        var _ = mayEndOthers(); // if nobody has asked, it may have been late nevertheless
        lateRounds = late ? lateRounds + 1 : 0;
        renewed = began;
        renewedByClock = beganByClock;
        neverRenewed = false;
        ended = true;
    }

    /// How long until the next round is to begin; zero if it should have.
    public synchronized Duration untilNext() {
        var pause = ended ? interval : interval.dividedBy(TRIES_PER_ROUND);
        return Duration.ofNanos(Math.max(0, pause.toNanos() - (ticks.getAsLong() - began)));
    }
}
