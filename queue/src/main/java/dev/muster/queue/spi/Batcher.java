package dev.muster.queue.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Does as one batch what several threads ask for at the same time: one pipeline, one transaction,
/// one confirmation.
///
/// A lone caller does its own work at once, on its own thread. While a batch runs, newcomers queue
/// up; the first of them then runs them all as the next batch, and those of the last go on
/// meanwhile. So latency is that of a single call, and under load the cost of a round trip or of a
/// commit is shared: group commit, as databases do it, without a thread and without a timer.
/// Thread-safe.
///
/// @param <T> what one caller asks for; it also carries the answer back, if there is one
public final class Batcher<T> {
    private final Consumer<List<T>> work;
    private final int limit;

    /// Guarded by itself, as is the flag.
    private final List<Entry<T>> waiting = new ArrayList<>();

    /// Whether somebody runs a batch, or has been told to.
    private boolean underWay;

    /// @param work does a batch; what it throws reaches every caller of that batch
    /// @param limit how many items a batch has at the most
    public Batcher(int limit, Consumer<List<T>> work) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be >= 1, was " + limit);
        }
        this.limit = limit;
        this.work = work;
    }

    /// Returns when the batch with this item is done. Is not interrupted.
    public void submit(T item) {
        var entry = new Entry<>(item);
        if (!isFirst(entry)) {
            entry.told.acquireUninterruptibly();
        }
        if (!entry.done) {
            runNext();
        }
        if (entry.failure != null) {
            throw entry.failure;
        }
    }

    private boolean isFirst(Entry<T> entry) {
        synchronized (waiting) {
            waiting.add(entry);
            var first = !underWay;
            underWay = true;
            return first;
        }
    }

    /// How many callers wait for a batch that has not begun.
    int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    /// Runs the batch that begins with the caller's own entry.
    private void runNext() {
        List<Entry<T>> batch;
        synchronized (waiting) {
            var head = waiting.subList(0, Math.min(limit, waiting.size()));
            batch = List.copyOf(head);
            head.clear();
        }
        RuntimeException failure = null;
        try {
            work.accept(batch.stream().map(entry -> entry.item).toList());
        } catch (RuntimeException e) {
            failure = e;
        } catch (Error e) {
            failure = new MusterException("a batch of %d failed: %s".formatted(batch.size(), e), e);
            throw e;
        } finally {
            handOver();
            for (var entry : batch) {
                entry.failure = failure;
                entry.done = true;
                entry.told.release();
            }
        }
    }

    /// Has the next batch run by the first that waits for it.
    private void handOver() {
        synchronized (waiting) {
            if (waiting.isEmpty()) {
                underWay = false;
            } else {
                waiting.getFirst().told.release();
            }
        }
    }

    /// What is written by the thread that runs its batch is read after it was told.
    private static final class Entry<T> {
        private final T item;
        private final Semaphore told = new Semaphore(0);
        private boolean done;
        private @Nullable RuntimeException failure;

        private Entry(T item) {
            this.item = item;
        }
    }
}
