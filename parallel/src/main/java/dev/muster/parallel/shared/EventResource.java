package dev.muster.parallel.shared;

import dev.muster.parallel.wire.ByteSink;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// An event in the manager.
final class EventResource implements Resource {
    /// Guards all below.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private boolean happened;

    /// How often it was set; who waits goes on also when it is cleared again at once.
    private long times;

    @Override
    public void perform(Verb verb, FrameReader arguments, Caller caller, ByteSink result)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            switch (verb) {
                case GET -> Frames.writeTruth(result, happened);
                case SET -> {
                    happened = true;
                    times++;
                    changed.signalAll();
                }
                case CLEAR -> happened = false;
                case AWAIT -> Frames.writeTruth(result, await(caller, arguments.readLong()));
                default -> throw Resource.unknown(Kind.EVENT, verb);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean await(Caller caller, long nanos) throws InterruptedException {
        var before = times;
        var left = nanos;
        while (!happened && times == before) {
            if (left <= 0) {
                return false;
            }
            left = caller.await(changed, left);
        }
        return true;
    }
}
