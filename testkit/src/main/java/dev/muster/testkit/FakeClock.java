package dev.muster.testkit;

import dev.muster.queue.spi.TurnableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until a test turns it. Thread-safe.
public final class FakeClock implements TurnableClock {
    private final AtomicReference<Instant> now;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

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
        now.updateAndGet(instant -> instant.plus(by));
        listeners.forEach(Runnable::run);
    }

    public void set(Instant instant) {
        now.set(instant);
        listeners.forEach(Runnable::run);
    }

    @Override
    public void onTurn(Runnable listener) {
        listeners.add(listener);
    }
}
