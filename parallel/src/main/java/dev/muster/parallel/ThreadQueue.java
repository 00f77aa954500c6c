package dev.muster.parallel;

import dev.muster.parallel.base.Checks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A queue between the threads of this process.
final class ThreadQueue<T> implements JoinableQueue<T> {
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition values = lock.newCondition();
    private final Condition allDone = lock.newCondition();

    // Guarded by the lock.
    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private long unfinished;
    private boolean closed;

    ThreadQueue(int capacity) {
        this.capacity = Checks.positive("capacity", capacity);
    }

    @Override
    public void put(T value) throws InterruptedException {
        var _ = add(value, Long.MAX_VALUE);
    }

    @Override
    public boolean offer(T value, Duration limit) throws InterruptedException {
        return add(value, TimeUnit.NANOSECONDS.convert(limit));
    }

    private boolean add(T value, long nanos) throws InterruptedException {
        Objects.requireNonNull(value, "value");
        lock.lockInterruptibly();
        try {
            for (var left = nanos; !closed && waiting.size() >= capacity; ) {
                if (left <= 0) {
                    return false;
                }
                left = room.awaitNanos(left);
            }
            if (closed) {
                throw new QueueClosedException("the queue is closed; put values before close()");
            }
            waiting.add(value);
            unfinished++;
            values.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public T take() throws InterruptedException {
        return remove(Long.MAX_VALUE)
                .orElseThrow(() -> new QueueClosedException("the queue is closed and empty"));
    }

    @Override
    public Optional<T> poll(Duration limit) throws InterruptedException {
        return remove(TimeUnit.NANOSECONDS.convert(limit));
    }

    private Optional<T> remove(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            for (var left = nanos; !closed && waiting.isEmpty() && left > 0; ) {
                left = values.awaitNanos(left);
            }
            var value = Optional.ofNullable(waiting.poll());
            room.signal();
            return value;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void taskDone() {
        lock.lock();
        try {
            if (unfinished == 0) {
                throw TakenValues.allDone();
            }
            unfinished--;
            if (unfinished == 0) {
                allDone.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void join() throws InterruptedException {
        var _ = awaitDone(Long.MAX_VALUE);
    }

    @Override
    public boolean join(Duration limit) throws InterruptedException {
        return awaitDone(TimeUnit.NANOSECONDS.convert(limit));
    }

    private boolean awaitDone(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            for (var left = nanos; unfinished > 0; ) {
                if (left <= 0) {
                    return false;
                }
                left = allDone.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public Iterator<T> iterator() {
        return new TakenValues<>(this::take);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            values.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
