package dev.muster.cli;

import dev.muster.queue.Worker;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Stops a worker on SIGINT (Ctrl-C) and SIGTERM, in stages as Celery does (celery-wire 6.8). The
/// first signal is the *warm* shutdown: running tasks come to their end. The second is the *soft*
/// one, if there is a time for that, and otherwise *cold*: they are broken off. After that the
/// process ends at once.
///
/// SIGQUIT, by which Celery's workers quit, is the JVM's own: it prints what all threads do.
final class Shutdown {
    /// How long abandoned tasks may hold up the end of the process.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// Set by those who run Celery's workers where nothing but SIGTERM can be sent.
    private static final String REMAP = "REMAP_SIGTERM";

    private static final int KILLED = 1;

    private enum Stage {
        RUNNING,
        WARM,
        SOFT,
        COLD
    }

    /// Signals that come before it is there wait for it.
    private final CompletableFuture<Worker> worker = new CompletableFuture<>();

    private final Duration softLimit;
    private final boolean softWhenIdle;
    private final Consumer<String> notices;
    private final CountDownLatch cold = new CountDownLatch(1);

    /// Guarded by this object, as is what follows.
    private Stage stage = Stage.RUNNING;

    private long softUntil;

    private Shutdown(Settings settings, Consumer<String> notices) {
        this.softLimit = settings.get(Setting.WORKER_SOFT_SHUTDOWN_TIMEOUT);
        this.softWhenIdle = settings.get(Setting.WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE);
        this.notices = notices;
    }

    /// Hears signals from now on, so that none ends a worker that has just taken its first tasks.
    static Shutdown onSignals(Settings settings, Consumer<String> notices) {
        var shutdown = new Shutdown(settings, notices);
        var onTerm = "SIGQUIT".equals(System.getenv(REMAP)) ? shutdown.quitting() : Stage.WARM;
        if (!Signals.handle("INT", () -> shutdown.signalled(Stage.WARM))
                || !Signals.handle("TERM", () -> shutdown.signalled(onTerm))) {
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().unstarted(shutdown::lastSignal));
        }
        return shutdown;
    }

    /// Says which worker it is for.
    void attend(Worker started) {
        worker.complete(started);
    }

    private Stage quitting() {
        return softLimit.isPositive() ? Stage.SOFT : Stage.COLD;
    }

    synchronized boolean hasBegun() {
        return stage != Stage.RUNNING;
    }

    /// @param first what the first signal brings about
    private void signalled(Stage first) {
        var stopped = worker.join();
        switch (next(first)) {
            case RUNNING -> Runtime.getRuntime().halt(KILLED);
            case WARM -> {
                notices.accept(
                        "worker: warm shutdown, finishing what runs; another Ctrl-C or SIGTERM quits it %s"
                                .formatted(
                                        quitting() == Stage.COLD
                                                ? "at once"
                                                : "within %s s".formatted(softSeconds())));
                stopped.stop();
            }
            case SOFT -> {
                notices.accept(
                        "worker: soft shutdown, quitting within %s s".formatted(softSeconds()));
                stopped.quitSoftly();
            }
            case COLD -> {
                notices.accept("worker: cold shutdown");
                cold.countDown();
                stopped.quit();
                stopped.awaitStopped(PATIENCE);
                Runtime.getRuntime().exit(0);
            }
        }
    }

    /// @return the stage that has begun; running when there is none any more
    private synchronized Stage next(Stage first) {
        if (stage == Stage.COLD) {
            return Stage.RUNNING;
        }
        stage =
                switch (stage) {
                    case RUNNING -> first;
                    case WARM -> quitting();
                    case SOFT, COLD -> Stage.COLD;
                };
        if (stage == Stage.SOFT) {
            softUntil = System.nanoTime() + softLimit.toNanos();
        }
        return stage;
    }

    private String softSeconds() {
        return Seconds.text(softLimit.toMillis() / 1000.0);
    }

    /// Waits, when the worker has stopped, for the end of a soft shutdown that is to take its time.
    void linger() {
        long nanos;
        synchronized (this) {
            if (stage != Stage.SOFT || !softWhenIdle) {
                return;
            }
            nanos = softUntil - System.nanoTime();
        }
        try {
            var _ = cold.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A JVM that hides signals ends at the first one; what runs gets a moment.
    private void lastSignal() {
        var _ = next(Stage.WARM);
        var stopped = worker.getNow(null);
        if (stopped == null) {
            return;
        }
        stopped.stop();
        if (!stopped.awaitStopped(PATIENCE)) {
            stopped.quit();
            stopped.awaitStopped(PATIENCE);
        }
    }
}
