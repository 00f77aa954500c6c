package dev.muster.parallel.ring;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// The threads of this process that wait for something to come true in the queue.
///
/// A thread looks, asks in the shared memory to be woken ([Slots#want]), looks again, and sleeps
/// until its process is rung. A ring wakes one thread of each kind; it wakes the next when it
/// leaves, so all that can go on do, and no others.
final class Waiters {
    static final int VALUES = 1;
    static final int ROOM = 2;
    static final int DONE = 4;
    static final int ALL = VALUES | ROOM | DONE;

    /// Some microseconds. A peer that runs at the same time often makes true what is waited for in
    /// less than it takes to sleep and to be woken.
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 300 : 0;

    private final Slots slots;
    private final int process;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition[] conditions = {
        lock.newCondition(), lock.newCondition(), lock.newCondition()
    };

    /// How many threads wait, by kind. Guarded by the lock.
    private final int[] waiting = new int[conditions.length];

    private volatile boolean lost;

    Waiters(Slots slots, int process) {
        this.slots = slots;
        this.process = process;
    }

    /// Waits until it is true, or may be: others can undo it at any moment.
    ///
    /// @param nanos how long at most
    /// @return how many nanoseconds are left, 0 or less for none
    /// @throws OwnerLostException when nobody would wake us any more
    long await(int kind, BooleanSupplier isTrue, long nanos)
            throws InterruptedException, OwnerLostException {
        for (var spin = 0; spin < SPINS; spin++) {
            if (isTrue.getAsBoolean()) {
                return nanos;
            }
            Thread.onSpinWait();
        }
        var index = Integer.numberOfTrailingZeros(kind);
        var left = nanos;
        lock.lockInterruptibly();
        try {
            waiting[index]++;
            slots.setWaitsFor(process, kinds());
            while (true) {
                slots.want(kind);
                if (lost) {
                    throw new OwnerLostException();
                }
                if (isTrue.getAsBoolean() || left <= 0) {
                    return left;
                }
                left = conditions[index].awaitNanos(left);
            }
        } finally {
            waiting[index]--;
            slots.setWaitsFor(process, kinds());
            // Whoever has got a ring and leaves passes it on, for whatever reason it leaves.
            conditions[index].signal();
            lock.unlock();
        }
    }

    private int kinds() {
        var kinds = 0;
        for (var index = 0; index < waiting.length; index++) {
            kinds |= waiting[index] > 0 ? 1 << index : 0;
        }
        return kinds;
    }

    /// The process was rung.
    void wake(int kinds) {
        lock.lock();
        try {
            for (var index = 0; index < conditions.length; index++) {
                if ((kinds & 1 << index) != 0) {
                    conditions[index].signal();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Nobody rings any more.
    void lose() {
        lost = true;
        wake(ALL);
    }

    boolean isLost() {
        return lost;
    }
}
