package dev.muster.queue;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.MusterException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does something again and again until it is closed: keeps a claim in a store alive while what was
/// claimed is under way. Thread-safe.
final class Renewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final String what;
    private final Duration interval;
    private final Environment environment;
    private final Runnable action;
    private final CountDownLatch closed = new CountDownLatch(1);

    /// Held while it is done.
    private final ReentrantLock renewing = new ReentrantLock();

    /// @param what is kept alive, for messages
    /// @param environment whose time the interval goes by
    Renewal(String what, Duration interval, Environment environment, Runnable action) {
        this.what = what;
        this.interval = interval;
        this.environment = environment;
        this.action = action;
        Thread.ofVirtual().name("renewal").start(this::run);
    }

    private void run() {
        try {
            while (!environment.await(closed, interval)) {
                renew();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Never after it was closed, as that might take again what was given back.
    private void renew() {
        renewing.lock();
        try {
            if (closed.getCount() > 0) {
                action.run();
            }
        } catch (MusterException e) {
            LOG.warn("{} is not renewed: {}", what, e.getMessage());
        } catch (RuntimeException e) { // a defect must not let the claim lapse
            LOG.error("{} is not renewed", what, e);
        } finally {
            renewing.unlock();
        }
    }

    /// Waits for a renewal that is under way. Twice is harmless.
    @Override
    public void close() {
        renewing.lock();
        try {
            closed.countDown();
        } finally {
            renewing.unlock();
        }
    }
}
