package dev.muster.queue.redis;

import dev.muster.queue.spi.MusterException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Waits until a list has an element, without taking it: `BLMOVE k k RIGHT RIGHT` moves the last
/// element to where it is (celery-wire 3.4). Needs Redis 6.2.
///
/// A watch is idle until it is armed. It then stays armed until it fires, once. Because an armed
/// watch fires at once for a list that is not empty, nothing that arrives between a look into the
/// list and the arming goes unnoticed. Nothing is lost when its connection is cut.
final class KeyWatch implements AutoCloseable {
    /// Redis answers at least this often, so that a dead network shows.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

    private final Session session;
    private final Command peek;
    private final Runnable onReady;
    private final Consumer<MusterException> onFailure;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by `lock`.
    private boolean armed;

    /// Guarded by `lock`.
    private boolean closed;

    KeyWatch(
            RedisServers servers,
            Duration socketTimeout,
            String list,
            Runnable onReady,
            Consumer<MusterException> onFailure) {
        this.session = new Session(servers, Failures.BROKER);
        this.onReady = onReady;
        this.onFailure = onFailure;
        var half = socketTimeout.dividedBy(2);
        var wait = half.compareTo(LONGEST_WAIT) < 0 ? half : LONGEST_WAIT;
        this.peek =
                Command.of(
                        "BLMOVE",
                        list,
                        list,
                        "RIGHT",
                        "RIGHT",
                        String.format(Locale.ROOT, "%.3f", wait.toMillis() / 1000.0));
        Thread.ofVirtual().name("redis-watch-" + list).start(this::run);
    }

    void arm() {
        lock.lock();
        try {
            armed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (awaitArmed()) {
                if (session.call(peek) != null) {
                    // Disarmed first: whoever is woken may arm again at once.
                    disarm();
                    onReady.run();
                }
            }
        } catch (MusterException e) {
            onFailure.accept(e);
        } finally {
            session.close();
        }
    }

    /// False when closed.
    private boolean awaitArmed() {
        lock.lock();
        try {
            while (!armed && !closed) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void disarm() {
        lock.lock();
        try {
            armed = false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        session.close();
    }
}
