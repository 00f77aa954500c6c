package dev.muster.queue.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Does in the background what several threads leave with it: all at once that has come while it
/// was under way before.
///
/// Nobody waits for it, and under load many share one system call, one round trip or one commit. It
/// is the counterpart of a [Batcher] for what needs no answer. It has a thread of its own, from the
/// first item on until it is closed. Thread-safe.
///
/// @param <T> what is left with it
public final class Courier<T> implements AutoCloseable {
    private final String name;
    private final Consumer<List<T>> work;
    private final Duration patience;
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
    /// @param work does what has come together, by that thread; must not throw
    public Courier(String name, Duration patience, Consumer<List<T>> work) {
        this.name = name;
        this.patience = patience;
        this.work = work;
    }

    /// Returns at once.
    ///
    /// @return false when it is closed: then the item is the caller's own to do
    public boolean leave(T item) {
        lock.lock();
        try {
            if (closed) {
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
            work.accept(items);
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

    /// Does what was left with it, and ends. What takes longer than its patience goes on in the
    /// background. Twice is harmless.
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
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
