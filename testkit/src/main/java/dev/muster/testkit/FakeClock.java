package dev.muster.testkit;

import dev.muster.queue.spi.TurnableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A clock that stands still until a test turns it. What waits for a time runs on the thread that
/// turns, in the order of the times, and sees the clock at its own time. Thread-safe.
public final class FakeClock implements TurnableClock {
    private static final Waiting EARLIEST = new Waiting(Instant.MIN, -1, () -> {});

    private final AtomicReference<Instant> now;
    private final AtomicLong numbers = new AtomicLong();
    private final NavigableSet<Waiting> waiting =
            new ConcurrentSkipListSet<>(
                    Comparator.comparing(Waiting::due).thenComparingLong(Waiting::number));

    private record Waiting(Instant due, long number, Runnable action) {}

    /// Stands at the start of 2030.
    public FakeClock() {
        this(Instant.parse("2030-01-01T00:00:00Z"));
    }

    public FakeClock(Instant start) {
        now = new AtomicReference<>(start);
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    /// Turns it forward, or backward by a negative duration.
    public void advance(Duration by) {
        set(instant().plus(by));
    }

    /// Turns it to that time, past everything that waits for a time on the way.
    public void set(Instant instant) {
        for (var next = first(instant); next != null; next = first(instant)) {
            if (waiting.remove(next)) { // not by another thread that turns
                var due = next.due;
                now.updateAndGet(before -> due.isAfter(before) ? due : before);
                next.action.run();
            }
        }
        now.set(instant);
    }

    private @Nullable Waiting first(Instant until) {
        var first = waiting.ceiling(EARLIEST);
        return first == null || first.due.isAfter(until) ? null : first;
    }

    /// The earliest time that something waits for; empty for none.
    public Optional<Instant> next() {
        return Optional.ofNullable(first(Instant.MAX)).map(Waiting::due);
    }

    @Override
    public Alarm at(Instant due, Runnable action) {
        var alarm = new Waiting(due, numbers.getAndIncrement(), action);
        waiting.add(alarm);
        return () -> waiting.remove(alarm);
    }
}
