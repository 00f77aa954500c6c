package dev.muster.parallel;

import dev.muster.parallel.base.Checks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a function is mapped over items.
///
/// @param timeout for all of it; null for none
/// @param chunkSize how many items one call gets. Chunks save time where a call takes a few
///   microseconds only, and are lost as a whole when one of their items kills its process
public record MapOptions(@Nullable Duration timeout, int chunkSize) {
    /// No time limit, and a call for each item.
    public static final MapOptions DEFAULT = new MapOptions(null, 1);

    public MapOptions {
        if (timeout != null && timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative, was " + timeout);
        }
        Checks.positive("chunkSize", chunkSize);
    }

    /// With another time limit.
    public MapOptions withTimeout(Duration value) {
        return new MapOptions(value, chunkSize);
    }

    /// With another number of items to a call.
    public MapOptions withChunkSize(int value) {
        return new MapOptions(timeout, value);
    }
}
