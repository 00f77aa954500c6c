package dev.muster.queue.spi;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// The clock of a simulation, in which threads wait by it as well: time passes for all of them
/// together, when none has anything left to do. Thread-safe.
public interface SimulatedClock extends TurnableClock {
    /// Waits until the latch is open.
    ///
    /// @param limit how long at the most, by this clock
    /// @return false when it is not open by then
    /// @throws InterruptedException when the waiting thread is interrupted
    boolean await(CountDownLatch latch, Duration limit) throws InterruptedException;

    /// The time that passes, in nanoseconds since some time or other, whatever this clock is set
    /// to.
    long nanoTime();

    /// A thread of this simulation, not started yet.
    Thread thread(String name, Runnable work);
}
