package dev.muster.queue.memory;

import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue.Lifetime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/// A reader of queues in memory. It fetches nothing ahead: a message leaves its queue when it is
/// taken, so the prefetch count bounds what is taken and not yet settled.
final class MemoryConsumer implements Consumer {
    private static final long SHORTEST_NAP = TimeUnit.MICROSECONDS.toNanos(100);

    private final MemoryBroker broker;
    private final List<MemoryQueue> queues;
    private final Condition changed;

    /// The following are guarded by the broker's lock.
    private final Set<MemoryDelivery> held = new LinkedHashSet<>();

    private int prefetch;
    private int turn;
    private boolean cancelled;
    private boolean closed;

    MemoryConsumer(MemoryBroker broker, List<MemoryQueue> queues, int prefetch) {
        this.broker = broker;
        this.queues = List.copyOf(queues);
        this.prefetch = prefetch;
        this.changed = broker.lock().newCondition();
    }

    /// The caller holds the lock.
    void wake() {
        changed.signalAll();
    }

    @Override
    public List<Delivery> take(int max, Duration timeout) {
        if (max < 1) {
            throw new IllegalArgumentException("max must be >= 1, was " + max);
        }
        var lock = broker.lock();
        lock.lock();
        try {
            var left = timeout.toNanos();
            while (!cancelled) {
                var taken = takeWaiting(max);
                if (!taken.isEmpty() || left <= 0) {
                    return taken;
                }
                // At least a little, as a clock may be coarser than the wait.
                var nap = Math.clamp(broker.nanosToNextDue(queues), SHORTEST_NAP, left);
                left -= nap - Math.max(0, changed.awaitNanos(nap));
            }
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void prefetch(int count) {
        broker.lock().lock();
        try {
            prefetch = count;
            wake();
        } finally {
            broker.lock().unlock();
        }
    }

    private List<Delivery> takeWaiting(int max) {
        var taken = new ArrayList<Delivery>();
        while (taken.size() < max && (prefetch == 0 || held.size() < prefetch)) {
            var delivery = next();
            if (delivery == null) {
                break;
            }
            taken.add(delivery);
        }
        return taken;
    }

    /// One message from the next queue in turn that has any.
    private @Nullable MemoryDelivery next() {
        for (var tried = 0; tried < queues.size(); tried++) {
            var queue = queues.get(turn);
            turn = (turn + 1) % queues.size();
            var entry = queue.poll(broker.now());
            if (entry != null) {
                var delivery = new MemoryDelivery(this, queue, entry);
                if (queue.declaration().lifetime() == Lifetime.DURABLE) {
                    held.add(delivery);
                }
                return delivery;
            }
        }
        return null;
    }

    /// Only the first settlement finds the delivery held, and none does after the close.
    void settle(MemoryDelivery delivery, boolean requeue) {
        broker.lock().lock();
        try {
            if (held.remove(delivery)) {
                wake();
                if (requeue) {
                    delivery.giveBack();
                }
            }
        } finally {
            broker.lock().unlock();
        }
    }

    @Override
    public void cancel() {
        broker.lock().lock();
        try {
            cancelled = true;
            wake();
        } finally {
            broker.lock().unlock();
        }
    }

    @Override
    public void close() {
        broker.lock().lock();
        try {
            cancel();
            if (closed) {
                return;
            }
            closed = true;
            for (var queue : queues) {
                queue.readers().remove(this);
                if (queue.declaration().lifetime() == Lifetime.REPLIES) {
                    broker.delete(queue);
                }
            }
            held.forEach(MemoryDelivery::giveBack);
            held.clear();
        } finally {
            broker.lock().unlock();
        }
    }
}
