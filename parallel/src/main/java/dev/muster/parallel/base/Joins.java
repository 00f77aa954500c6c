package dev.muster.parallel.base;

import java.time.Duration;

/// Waits for the end of threads that this room has started, and whose end must not be missed.
public final class Joins {
    private Joins() {}

    /// An interrupt is kept for later.
    public static void uninterruptibly(Thread thread) {
        var interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// The same, but no longer than `limit`.
    ///
    /// @return whether the thread has ended
    public static boolean uninterruptibly(Thread thread, Duration limit) {
        var deadline = System.nanoTime() + limit.toNanos();
        var interrupted = false;
        var ended = false;
        while (true) {
            try {
                ended = thread.join(Duration.ofNanos(deadline - System.nanoTime()));
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
