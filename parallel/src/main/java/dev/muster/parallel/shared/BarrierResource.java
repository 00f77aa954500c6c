package dev.muster.parallel.shared;

import dev.muster.parallel.wire.ByteSink;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A barrier in the manager. When one of those who wait gives up, the others are told, and the next
/// to come begin anew.
final class BarrierResource implements Resource {
    static final int BROKEN = -1;
    static final int TOO_LATE = -2;

    /// Those who go on together.
    private static final class Round {
        int arrived;
        boolean complete;
        boolean broken;
    }

    private final int parties;

    /// Guards all below.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private Round current = new Round();

    BarrierResource(int parties) {
        this.parties = parties;
    }

    @Override
    public void perform(Verb verb, FrameReader arguments, Caller caller, ByteSink result)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            switch (verb) {
                case AWAIT -> result.writeInt(await(caller, arguments.readLong()));
                case SIZE -> result.writeInt(current.arrived);
                default -> throw Resource.unknown(Kind.BARRIER, verb);
            }
        } finally {
            lock.unlock();
        }
    }

    /// @return how many were still missing, or one of the codes above
    private int await(Caller caller, long nanos) throws InterruptedException {
        var round = current;
        if (round.arrived + 1 < parties && !caller.mayWait()) {
            throw new WouldWait(); // before others see that it has come
        }
        round.arrived++;
        var missing = parties - round.arrived;
        if (missing == 0) {
            round.complete = true;
            next();
            return 0;
        }
        var left = nanos;
        while (!round.complete && !round.broken) {
            if (left <= 0) {
                round.broken = true;
                next();
                return TOO_LATE;
            }
            try {
                left = caller.await(changed, left);
            } catch (InterruptedException e) {
                if (!round.complete && !round.broken) {
                    round.broken = true;
                    next();
                    throw e;
                }
                // Too late for that: it has ended.
            }
        }
        return round.broken ? BROKEN : missing;
    }

    private void next() {
        current = new Round();
        changed.signalAll();
    }
}
