package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.Worker;
import java.time.Duration;

/// A worker inside the program that it works for. It has an application of its own, so that the
/// program may open and close its own as it likes.
final class EmbeddedWorker implements AutoCloseable {
    /// How long tasks that run get to notice that they are interrupted when the program is.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Muster muster;
    private final Worker worker;
    private final Thread hook;

    private EmbeddedWorker(Muster muster) {
        this.muster = muster;
        this.worker = muster.worker().start();
        this.hook = Thread.ofPlatform().name("quit-worker").unstarted(this::quit);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static EmbeddedWorker start(Muster muster) {
        return new EmbeddedWorker(muster);
    }

    private void quit() {
        worker.quit();
        worker.awaitStopped(PATIENCE);
    }

    /// Lets the tasks that run come to their end.
    @Override
    public void close() {
        worker.close();
        muster.close();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down already, and the hook has run or runs.
        }
    }
}
