package dev.muster.queue.amqp;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;

/// Does something about work that takes too long. At most one look at it is planned at any time, so
/// that work that ends in time wakes no other thread, however often it begins. Thread-safe.
final class Watchdog {
    private final long limit;
    private final Runnable whenLate;
    private final LongSupplier nanoTime;
    private final ObjLongConsumer<Runnable> planner;

    // All below are guarded by this object.
    private boolean isWatching;
    private boolean isLookPlanned;
    private long begun;

    /// @param limit of each piece of work
    /// @param whenLate called once for each piece that takes longer, on a thread of its own
    Watchdog(Duration limit, Runnable whenLate) {
        this(limit, whenLate, System::nanoTime, Watchdog::plan);
    }

    /// @param nanoTime as `System.nanoTime()` counts
    /// @param planner has something done after so many nanoseconds
    Watchdog(
            Duration limit,
            Runnable whenLate,
            LongSupplier nanoTime,
            ObjLongConsumer<Runnable> planner) {
        this.limit = limit.toNanos();
        this.whenLate = whenLate;
        this.nanoTime = nanoTime;
        this.planner = planner;
    }

    private static void plan(Runnable look, long nanos) {
        CompletableFuture.delayedExecutor(
                        nanos,
                        TimeUnit.NANOSECONDS,
                        now -> Thread.ofPlatform().daemon().name("amqp-watchdog").start(now))
                .execute(look);
    }

    /// Work begins, or its next part, which has a limit of its own.
    synchronized void begin() {
        isWatching = true;
        begun = nanoTime.getAsLong();
        if (!isLookPlanned) {
            planLook(limit);
        }
    }

    /// The work has ended.
    synchronized void end() {
        isWatching = false;
    }

    private void planLook(long nanos) {
        planner.accept(this::look, nanos);
        isLookPlanned = true;
    }

    private void look() {
        if (isLate()) {
            whenLate.run();
        }
    }

    private synchronized boolean isLate() {
        isLookPlanned = false;
        if (!isWatching) {
            return false;
        }
        var left = limit - (nanoTime.getAsLong() - begun);
        if (left > 0) {
            planLook(left);
            return false;
        }
        isWatching = false;
        return true;
    }
}
