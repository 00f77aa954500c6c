package dev.muster.parallel.pipeline;

import java.util.concurrent.locks.LockSupport;

/// Elapsed time, and waiting for it.
interface Pace {
    /// The time since some moment, in nanoseconds.
    long nanos();

    /// Waits for so many nanoseconds, or longer.
    void pause(long nanos) throws InterruptedException;

    /// That of this machine.
    Pace SYSTEM =
            new Pace() {
                @Override
                public long nanos() {
                    return System.nanoTime();
                }

                @Override
                public void pause(long nanos) throws InterruptedException {
                    var end = System.nanoTime() + nanos;
                    for (var rest = nanos; rest > 0; rest = end - System.nanoTime()) {
                        LockSupport.parkNanos(this, rest);
                        if (Thread.interrupted()) {
                            throw new InterruptedException();
                        }
                    }
                }
            };
}
