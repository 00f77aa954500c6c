package dev.muster.queue.spi;

import java.time.InstantSource;

/// A clock that stands still until it is turned: a test's. What waits for a time asks it to be
/// told. Thread-safe.
public interface TurnableClock extends InstantSource {
    /// Has the listener called after each turn, on the thread that turns.
    void onTurn(Runnable listener);
}
