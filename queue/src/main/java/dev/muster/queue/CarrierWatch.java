package dev.muster.queue;

import dev.muster.queue.spi.Environment;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns when tasks keep all carriers of virtual threads busy: then nothing else of the worker runs
/// that lives on virtual threads, and no virtual thread is ever made to give its carrier back.
final class CarrierWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Environment environment;
    private final Duration patience;
    private final CountDownLatch closed = new CountDownLatch(1);

    CarrierWatch(Environment environment) {
        this(environment, PATIENCE);
    }

    /// @param patience how long a virtual thread may wait for a carrier, and between two looks
    CarrierWatch(Environment environment, Duration patience) {
        this.environment = environment;
        this.patience = patience;
    }

    void start() {
        var thread = environment.platformThread("carrier-watch", this::run);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!environment.await(closed, patience)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        var carried = new CountDownLatch(1);
        Thread.ofVirtual().name("carried").start(carried::countDown);
        if (environment.await(carried, patience)) {
            return;
        }
        LOG.warn(
                "tasks have kept all carriers of virtual threads busy for {} s, while answers to commands, time limits and results of other tasks wait; for tasks that compute, start the worker with -P threads, or with Worker.Pool.THREADS",
                patience.toMillis() / 1000.0);
        while (closed.getCount() > 0 && !environment.await(carried, patience)) {
            // Said once is enough.
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
