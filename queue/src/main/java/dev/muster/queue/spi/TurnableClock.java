package dev.muster.queue.spi;

import java.time.Instant;
import java.time.InstantSource;

/// A clock that stands still until it is turned: a test's. What waits for a time has itself called
/// by it, instead of waiting by the system's clock. Thread-safe.
public interface TurnableClock extends InstantSource {
    /// Has the action run once, when the clock is turned to that time or past it, on the thread
    /// that turns. A time that has come already waits for the next turn, too.
    Alarm at(Instant due, Runnable action);

    /// Something that waits for its time.
    @FunctionalInterface
    interface Alarm {
        /// Lets it not run any more. Twice is harmless, and so is once it has run.
        void cancel();
    }
}
