package dev.muster.parallel.pipeline;

import dev.muster.parallel.base.Checks;
import dev.muster.parallel.base.Joins;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs the next stages on a thread of their own, behind a queue that holds a few values: a sender
/// that is faster waits.
final class BufferStage<T> implements Stage<T> {
    private final Stage<? super T> next; // used by the thread only
    private final int capacity;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All below are guarded by lock.
    private final ArrayDeque<Consumer<Stage<? super T>>> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean closed;
    private @Nullable Throwable failure;

    BufferStage(int capacity, Stage<? super T> next) {
        this.capacity = Checks.positive("capacity", capacity);
        this.next = next;
        this.thread = Thread.ofVirtual().name("pipeline-buffer").start(this::run);
    }

    private void run() {
        try {
            for (var action = take(); action != null; action = take()) {
                action.accept(next);
            }
            next.close();
        } catch (Throwable e) {
            Ends.abort(next, e);
            lock.lock();
            try {
                failure = e;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private @Nullable Consumer<Stage<? super T>> take() {
        lock.lock();
        try {
            busy = false;
            changed.signalAll();
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            busy = true;
            var action = waiting.poll();
            changed.signalAll(); // there is room now
            return action;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void send(T value) {
        lock.lock();
        try {
            put(stage -> stage.send(value));
        } finally {
            lock.unlock();
        }
    }

    /// Returns when all that was sent before is done.
    @Override
    public void raise(Throwable cause) {
        lock.lock();
        try {
            put(stage -> stage.raise(cause));
            awaitUntil(() -> !busy && waiting.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    private void put(Consumer<Stage<? super T>> action) {
        if (closed) {
            throw StageClosedException.onSend();
        }
        awaitUntil(() -> waiting.size() < capacity);
        waiting.add(action);
        changed.signalAll();
    }

    /// Or until the next stages have failed, which it throws.
    private void awaitUntil(BooleanSupplier condition) {
        try {
            while (failure == null && !condition.getAsBoolean()) {
                changed.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StageFailedException.unchecked(e);
        }
        throwFailure();
    }

    private void throwFailure() {
        var thrown = failure;
        if (thrown != null) {
            closed = true;
            throw StageFailedException.unchecked(thrown);
        }
    }

    /// Waits until the next stages have done all and are closed.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Joins.uninterruptibly(thread);
        lock.lock();
        try {
            throwFailure();
        } finally {
            lock.unlock();
        }
    }
}
