package dev.muster.queue.spi;

import java.time.Duration;

/// What a result store can do so that something is done once only: keep claims, each on a key, by
/// an owner, for a time. Thread-safe. Methods throw [ResultStoreException].
public interface ClaimStore {
    /// Claims a key. Who has it already renews the claim.
    ///
    /// @param key any text
    /// @param owner any text that is not empty
    /// @param lifetime after which the claim lapses, unless it is renewed; longer than zero
    /// @return whose the key is now: the owner's, or another's, whose claim has not lapsed and
    ///   stays as it is
    String claim(String key, String owner, Duration lifetime);

    /// Gives a claim up. Does nothing when the key is not the owner's.
    void release(String key, String owner);
}
