package dev.muster.queue.spi;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// The world as brokers, stores and workers see it, so that a test can turn the clock, and a
/// simulation can have all of them run by its own.
public record Environment(Settings settings, InstantSource clock, RandomGenerator random) {
    public Environment {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(random, "random");
    }

    /// The system's clock and randomness.
    public static Environment of(Settings settings) {
        return new Environment(settings, InstantSource.system(), RandomGenerator.getDefault());
    }

    /// Waits until the latch is open.
    ///
    /// @param limit how long at the most: by the clock of a simulation, otherwise by the system's
    ///   ticks
    /// @return false when it is not open by then
    /// @throws InterruptedException when the waiting thread is interrupted
    public boolean await(CountDownLatch latch, Duration limit) throws InterruptedException {
        return clock instanceof SimulatedClock simulated
                ? simulated.await(latch, limit)
                : latch.await(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
    }

    /// Lets the calling thread rest, by the same time as [#await].
    ///
    /// @throws InterruptedException when it is interrupted
    public void sleep(Duration duration) throws InterruptedException {
        if (clock instanceof SimulatedClock simulated) {
            var _ = simulated.await(new CountDownLatch(1), duration);
        } else {
            Thread.sleep(duration);
        }
    }

    /// Nanoseconds since some time or other, of the same time as [#await].
    public long nanoTime() {
        return clock instanceof SimulatedClock simulated ? simulated.nanoTime() : System.nanoTime();
    }

    /// A platform thread, which tasks that keep the carriers of virtual threads busy do not hold
    /// up; in a simulation, one of its threads. Not started yet.
    public Thread platformThread(String name, Runnable work) {
        return clock instanceof SimulatedClock simulated
                ? simulated.thread(name, work)
                : Thread.ofPlatform().name(name).unstarted(work);
    }
}
