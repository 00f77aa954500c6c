package dev.muster.queue.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Does as one batch what several threads ask for at the same time: one pipeline, one transaction,
/// one confirmation.
///
/// A lone caller does its own work at once, on its own thread. While a batch runs, newcomers queue
/// up; the first of them then runs them all as the next batch. So latency is that of a single call,
/// and under load the cost of a round trip or of a commit is shared: group commit, as databases do
/// it, without a thread and without a timer. Thread-safe.
///
/// @param <T> what one caller asks for; it also carries the answer back, if there is one
public final class Batcher<T> {
    private final Consumer<List<T>> work;
    private final int limit;
    private final ReentrantLock turn = new ReentrantLock();

    /// Guarded by itself.
    private final List<Entry<T>> waiting = new ArrayList<>();

    /// @param work does a batch; what it throws reaches every caller of that batch
    /// @param limit how many items a batch has at the most
    public Batcher(int limit, Consumer<List<T>> work) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be >= 1, was " + limit);
        }
        this.limit = limit;
        this.work = work;
    }

    /// Returns when the batch with this item is done.
    public void submit(T item) {
        var entry = new Entry<>(item);
        synchronized (waiting) {
            waiting.add(entry);
        }
        turn.lock();
        try {
            while (!entry.done) {
                runNext();
            }
        } finally {
            turn.unlock();
        }
        if (entry.failure != null) {
            throw entry.failure;
        }
    }

    /// How many callers wait for a batch that has not begun.
    int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

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
            for (var entry : batch) {
                entry.failure = failure;
                entry.done = true;
            }
        }
    }

    /// Its fields are guarded by `turn`, but for the item, which does not change.
    private static final class Entry<T> {
        private final T item;
        private boolean done;
        private @Nullable RuntimeException failure;

        private Entry(T item) {
            this.item = item;
        }
    }
}
