package dev.muster.queue.memory;

import dev.muster.queue.spi.ClaimStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/// Claims in this object.
final class MemoryClaims implements ClaimStore {
    private final InstantSource clock;

    /// Guarded by this object.
    private final Map<String, Claim> claims = new HashMap<>();

    /// When to look for lapsed claims next: so many, that looking costs little for each new one.
    private int nextCleaning = 1_000;

    MemoryClaims(InstantSource clock) {
        this.clock = clock;
    }

    private record Claim(String owner, Instant until) {}

    @Override
    public synchronized String claim(String key, String owner, Duration lifetime) {
        var now = clock.instant();
        var known = claims.get(key);
        if (known != null && known.until.isAfter(now) && !known.owner.equals(owner)) {
            return known.owner;
        }
        claims.put(key, new Claim(owner, now.plus(lifetime)));
        if (claims.size() >= nextCleaning) {
            claims.values().removeIf(claim -> !claim.until.isAfter(now));
            nextCleaning = Math.max(1_000, 2 * claims.size());
        }
        return owner;
    }

    @Override
    public synchronized void release(String key, String owner) {
        claims.computeIfPresent(key, (_, claim) -> claim.owner.equals(owner) ? null : claim);
    }
}
