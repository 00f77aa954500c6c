package dev.muster.parallel.pipeline;

import dev.muster.parallel.base.Checks;
import dev.muster.parallel.base.Joins;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Applies a function to several values at once, each on a virtual thread. A result is sent on by
/// the thread that has computed it, or when the order matters by the one that has computed the
/// oldest missing one.
final class ParallelStage<I, O> implements Stage<I> {
    /// How many results may wait for an older one, for each call that runs: a slow value then does
    /// not stop the others at once.
    private static final int AHEAD = 4;

    private final Function<? super I, ? extends O> function;
    private final Order order;
    private final Semaphore running;
    private final Semaphore undelivered;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private boolean closed;

    private final ReentrantLock lock = new ReentrantLock();
    // All below are guarded by lock.
    private final Stage<? super O> next;
    private final ArrayDeque<Slot<O>> slots = new ArrayDeque<>();
    private volatile @Nullable Throwable
            failure; // read without lock where an old value does no harm

    /// The place of a result among the others.
    private static final class Slot<O> {
        private @Nullable O result;
    }

    ParallelStage(
            int limit,
            Order order,
            Function<? super I, ? extends O> function,
            Stage<? super O> next) {
        Checks.positive("limit", limit);
        this.function = function;
        this.order = order;
        this.next = next;
        this.running = new Semaphore(limit);
        this.undelivered = new Semaphore(order == Order.ORDERED ? limit * AHEAD : limit);
    }

    @Override
    public void send(I value) {
        checkOpen();
        try {
            undelivered.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StageFailedException.unchecked(e);
        }
        if (failure != null) {
            undelivered.release();
            end();
        }
        var slot = new Slot<O>();
        lock.lock();
        try {
            slots.add(slot);
        } finally {
            lock.unlock();
        }
        var thread = Thread.ofVirtual().name("pipeline-parallel").unstarted(() -> run(value, slot));
        threads.add(thread);
        thread.start();
    }

    private void run(I value, Slot<O> slot) {
        try {
            O result;
            running.acquire();
            try {
                result = function.apply(value);
            } finally {
                running.release();
            }
            deliver(slot, result);
        } catch (Throwable e) {
            fail(e);
        } finally {
            threads.remove(Thread.currentThread());
        }
    }

    private void deliver(Slot<O> slot, O result) {
        lock.lock();
        try {
            slot.result = result;
            if (order == Order.UNORDERED) {
                slots.remove(slot);
                sendOn(result);
                return;
            }
            while (!slots.isEmpty()) {
                var oldest = slots.element().result;
                if (oldest == null) {
                    return;
                }
                slots.remove();
                sendOn(oldest);
            }
        } finally {
            lock.unlock();
        }
    }

    private void sendOn(O result) {
        try {
            if (failure == null) {
                next.send(result);
            }
        } finally {
            undelivered.release();
        }
    }

    private void fail(Throwable e) {
        lock.lock();
        try {
            if (failure == null) {
                failure = e;
            }
            // None of them will be sent, and nobody shall wait for them.
            undelivered.release(slots.size());
            slots.clear();
        } finally {
            lock.unlock();
        }
        threads.stream()
                .filter(thread -> !thread.equals(Thread.currentThread()))
                .forEach(Thread::interrupt);
    }

    @Override
    public void raise(Throwable cause) {
        checkOpen();
        awaitAll();
        if (failure != null) {
            end();
        }
        next.raise(cause);
    }

    @Override
    public void close() {
        if (!closed) {
            end();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw StageClosedException.onSend();
        }
    }

    private void awaitAll() {
        threads.forEach(Joins::uninterruptibly);
    }

    private void end() {
        closed = true;
        awaitAll();
        var thrown = failure;
        if (thrown != null) {
            Ends.abort(next, thrown);
            throw StageFailedException.unchecked(thrown);
        }
        next.close();
    }
}
