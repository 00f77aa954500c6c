package dev.muster.cli;

import dev.muster.queue.Worker;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// Stops a worker on SIGINT (Ctrl-C) and SIGTERM: the first lets running tasks come to their end,
/// the second stops at once.
final class Shutdown {
    /// How long abandoned tasks may hold up the end of the process.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Worker worker;
    private final PrintWriter err;
    private final AtomicInteger signals = new AtomicInteger();

    private Shutdown(Worker worker, PrintWriter err) {
        this.worker = worker;
        this.err = err;
    }

    static Shutdown onSignals(Worker worker, PrintWriter err) {
        var shutdown = new Shutdown(worker, err);
        if (!Signals.handle("INT", shutdown::signalled)
                || !Signals.handle("TERM", shutdown::signalled)) {
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().unstarted(shutdown::lastSignal));
        }
        return shutdown;
    }

    boolean hasBegun() {
        return signals.get() > 0;
    }

    private void signalled() {
        if (signals.incrementAndGet() == 1) {
            err.println(
                    "worker: warm shutdown, finishing what runs, press Ctrl-C again to quit at once");
            worker.stop();
        } else {
            err.println("worker: cold shutdown");
            worker.quit();
            worker.awaitStopped(PATIENCE);
            Runtime.getRuntime().exit(0);
        }
    }

    /// A JVM that hides signals ends at the first one; what runs gets a moment.
    private void lastSignal() {
        signals.incrementAndGet();
        worker.stop();
        if (!worker.awaitStopped(PATIENCE)) {
            worker.quit();
            worker.awaitStopped(PATIENCE);
        }
    }
}
