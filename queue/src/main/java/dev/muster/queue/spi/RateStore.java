package dev.muster.queue.spi;

import java.time.Duration;

/// What a result store can do so that all workers together keep to a rate: hand out starts, an
/// interval apart, by one clock. Thread-safe. Methods throw [ResultStoreException].
public interface RateStore {
    /// Takes the next free starts. Time in which none was taken is not saved up.
    ///
    /// @param key whose starts they are; any text
    /// @param interval between two starts, a microsecond at least
    /// @param count how many, 1 at least; the others follow the first at that interval
    /// @return how long until the first of them; zero for now
    Duration reserve(String key, Duration interval, int count);
}
