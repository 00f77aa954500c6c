package dev.muster.queue.memory;

import dev.muster.queue.spi.RateStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/// Rates in this object.
final class MemoryRates implements RateStore {
    private final InstantSource clock;

    /// When the next start is free. As many as there are tasks with a rate. Guarded by this object.
    private final Map<String, Instant> next = new HashMap<>();

    MemoryRates(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Duration reserve(String key, Duration interval, int count) {
        var now = clock.instant();
        var free = next.getOrDefault(key, now);
        var start = free.isBefore(now) ? now : free;
        next.put(key, start.plus(interval.multipliedBy(count)));
        return Duration.between(now, start);
    }
}
