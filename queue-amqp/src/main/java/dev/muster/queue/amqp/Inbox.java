package dev.muster.queue.amqp;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What the server has pushed and nobody has taken yet, by queue. Thread-safe.
///
/// It is open until it is cancelled or has failed, whichever comes first. Open, it takes in and
/// gives out. Cancelled, it gives out nothing and keeps what it has for the way back. Failed, it
/// throws what it has away, because the server will deliver it again.
final class Inbox {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All below are guarded by the lock.
    private final List<ArrayDeque<AmqpDelivery>> lanes = new ArrayList<>();
    private int nextLane;
    private int size;
    private boolean isCancelled;
    private @Nullable BrokerException failure;

    Inbox(int queues) {
        for (var lane = 0; lane < queues; lane++) {
            lanes.add(new ArrayDeque<>());
        }
    }

    void put(int lane, AmqpDelivery delivery) {
        lock.lock();
        try {
            if (failure == null) {
                lanes.get(lane).add(delivery);
                size++;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// @throws BrokerException when it has failed
    List<Delivery> take(int max, Duration timeout) {
        lock.lock();
        try {
            var left = timeout.toNanos();
            while (size == 0 && !isCancelled && failure == null && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (isCancelled) {
                return List.of();
            }
            if (failure != null) {
                throw failure;
            }
            return takeInTurn(Math.min(max, size));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private List<Delivery> takeInTurn(int count) {
        var taken = new ArrayList<Delivery>(count);
        while (taken.size() < count) {
            var delivery = lanes.get(nextLane).poll();
            nextLane = (nextLane + 1) % lanes.size();
            if (delivery != null) {
                taken.add(delivery);
                size--;
            }
        }
        return taken;
    }

    void cancel() {
        lock.lock();
        try {
            isCancelled = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// What came in and was not taken, for the way back.
    List<AmqpDelivery> drain() {
        lock.lock();
        try {
            var rest = lanes.stream().flatMap(ArrayDeque::stream).toList();
            lanes.forEach(ArrayDeque::clear);
            size = 0;
            return rest;
        } finally {
            lock.unlock();
        }
    }

    /// The first failure counts.
    void fail(BrokerException reason) {
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
                lanes.forEach(ArrayDeque::clear);
                size = 0;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
