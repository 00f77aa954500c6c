package dev.muster.queue.events;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Lamport's clock, by which monitors order what they hear from many nodes (celery-wire 8.6): it
/// goes forward with each message that is sent, and past the clock of each that comes. One for each
/// application. Thread-safe.
public final class LogicalClock {
    /// Whole numbers from here on are not exact everywhere in JSON. A million messages a second
    /// lead to it in 285 years.
    private static final long BEYOND = 1L << 53;

    private final AtomicLong value = new AtomicLong();

    /// The time of a message that is sent now.
    public long next() {
        return value.incrementAndGet();
    }

    public long now() {
        return value.get();
    }

    /// Takes in the time of a message that has come. What is none is not looked at.
    ///
    /// One that is merely far ahead is taken in, as Lamport's rule demands and as Python's nodes
    /// do: all then go on from there, in order as before. None can lead them out of the range of
    /// the numbers that all of them can read.
    public void saw(@Nullable Object clock) {
        read(clock)
                .ifPresent(seen ->
                        value.accumulateAndGet(seen, (own, other) -> Math.max(own, other) + 1));
    }

    /// The time that a field of a message tells; empty when it is no whole number, or one that no
    /// node could reach by counting.
    static OptionalLong read(@Nullable Object clock) {
        var time =
                switch (clock) {
                    case Long number -> number;
                    case Integer number -> (long) number;
                    case Double number when number == Math.rint(number) -> (long) (double) number;
                    case null, default -> -1L;
                };
        return time >= 0 && time < BEYOND ? OptionalLong.of(time) : OptionalLong.empty();
    }
}
