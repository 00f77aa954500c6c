package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Frames.writeTruth;

import dev.muster.parallel.wire.ByteSink;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A semaphore in the manager, which knows how many permits each client holds.
final class SemaphoreResource implements Resource {
    private final int permits;

    /// Guards all below.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition released = lock.newCondition();
    private final Map<Session, Integer> held = new HashMap<>();
    private int available;

    SemaphoreResource(int permits) {
        this.permits = permits;
        this.available = permits;
    }

    @Override
    public void perform(Verb verb, FrameReader arguments, Caller caller, ByteSink result)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            switch (verb) {
                case ACQUIRE ->
                        writeTruth(result, acquire(caller, arguments.readLong(), count(arguments)));
                case RELEASE -> release(caller.session(), count(arguments));
                case SIZE -> result.writeInt(available);
                default -> throw Resource.unknown(Kind.SEMAPHORE, verb);
            }
        } finally {
            lock.unlock();
        }
    }

    private int count(FrameReader arguments) {
        var count = arguments.readInt();
        if (count < 1 || count > permits) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "%d permits of a semaphore that has %d".formatted(count, permits));
        }
        return count;
    }

    private boolean acquire(Caller caller, long nanos, int count) throws InterruptedException {
        var left = nanos;
        while (available < count) {
            if (left <= 0) {
                return false;
            }
            left = caller.await(released, left);
        }
        available -= count;
        held.merge(caller.session(), count, Integer::sum);
        return true;
    }

    private void release(Session session, int count) {
        var own = held.getOrDefault(session, 0);
        if (own < count) {
            throw Status.WRONG_STATE.refuse(
                    "this client holds %d permits, and cannot release %d".formatted(own, count));
        }
        if (own == count) {
            held.remove(session);
        } else {
            held.put(session, own - count);
        }
        free(count);
    }

    private void free(int count) {
        available += count;
        released.signalAll(); // they may wait for different numbers
    }

    @Override
    public void release(Session session) {
        lock.lock();
        try {
            var own = held.remove(session);
            if (own != null) {
                free(own);
            }
        } finally {
            lock.unlock();
        }
    }
}
