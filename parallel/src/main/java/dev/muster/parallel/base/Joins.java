package dev.muster.parallel.base;

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
}
