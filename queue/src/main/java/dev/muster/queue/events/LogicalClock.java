package dev.muster.queue.events;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Lamport's clock, by which monitors order what they hear from many nodes (celery-wire 8.6): it
/// goes forward with each message that is sent, and past the clock of each that comes. One for each
/// application. Thread-safe.
public final class LogicalClock {
    private final AtomicLong value = new AtomicLong();

    /// The time of a message that is sent now.
    public long next() {
        return value.incrementAndGet();
    }

    public long now() {
        return value.get();
    }

    /// Takes in the time of a message that has come. What is no number, or could never be reached
    /// by counting, is not looked at.
    public void saw(@Nullable Object clock) {
        if (clock instanceof Number number
                && number.longValue() >= 0
                && number.longValue() < Long.MAX_VALUE / 2) {
            value.accumulateAndGet(number.longValue(), (own, seen) -> Math.max(own, seen) + 1);
        }
    }
}
