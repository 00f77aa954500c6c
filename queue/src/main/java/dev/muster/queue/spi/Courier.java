package dev.muster.queue.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does in the background what several threads leave with it: all at once that has come while it
/// was under way before.
///
/// Nobody waits for it, and under load many share one system call, one round trip or one commit. It
/// is the counterpart of a [Batcher] for what needs no answer. It has a thread of its own, from the
/// first item on until it is closed. What fails is logged, and the next is done all the same.
/// Thread-safe.
///
/// @param <T> what is left with it
public final class Courier<T> implements AutoCloseable {
    /// Whoever comes when so many wait does it by itself, and thereby waits.
    static final int MOST_WAITING = 500;

    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

    private final String name;
    private final Duration patience;
    private final String failure;
    private final Consumer<List<T>> work;
    private final ReentrantLock lock = new ReentrantLock();

    /// Told when something was left, and when all has been done.
    private final Condition changed = lock.newCondition();

    // All below are guarded by the lock.
    private List<T> waiting = new ArrayList<>();
    private boolean underWay;
    private boolean closed;
    private @Nullable Thread thread;

    /// @param name of its thread
    /// @param patience how long [#close()] waits for what was left
    /// @param failure what it means that some could not be done, as the end of a sentence that
    ///   begins with their number
    /// @param work does what has come together, by that thread
    public Courier(String name, Duration patience, String failure, Consumer<List<T>> work) {
        this.name = name;
        this.patience = patience;
        this.failure = failure;
        this.work = work;
    }

    /// Returns at once.
    ///
    /// @return false when it is closed, or has too much to do: then the item is the caller's own to
    ///   do
    public boolean leave(T item) {
        lock.lock();
        try {
            if (closed || waiting.size() >= MOST_WAITING) {
                return false;
            }
            waiting.add(item);
            if (thread == null) {
                thread = Thread.ofPlatform().name(name).daemon().start(this::run);
            }
            if (!underWay) {
                changed.signalAll();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (var items = next(); !items.isEmpty(); items = next()) {
            try {
                work.accept(items);
            } catch (MusterException e) {
                LOG.warn("{} {}: {}", items.size(), failure, e.getMessage());
            } catch (RuntimeException | Error e) { // a defect, or no memory now
                LOG.error("{} {}", items.size(), failure, e);
            }
        }
    }

    /// @return nothing once it is closed
    private List<T> next() {
        lock.lock();
        try {
            underWay = false;
            while (waiting.isEmpty()) {
                changed.signalAll();
                if (closed) {
                    return List.of();
                }
                changed.awaitUninterruptibly();
            }
            var items = waiting;
            waiting = new ArrayList<>();
            underWay = true;
            return items;
        } finally {
            lock.unlock();
        }
    }

    /// Whether all that was left with it has been done.
    public boolean isIdle() {
        lock.lock();
        try {
            return !underWay && waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /// Does what was left with it, and ends. What takes longer than its patience is logged, and
    /// goes on in the background. Twice is harmless.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            var left = patience.toNanos();
            while ((underWay || !waiting.isEmpty()) && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (left <= 0) {
                LOG.warn("{} {}: there was no time", waiting.size(), failure);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
