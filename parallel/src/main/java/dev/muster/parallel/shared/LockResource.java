package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Frames.writeTruth;

import dev.muster.parallel.wire.ByteSink;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A lock in the manager. It belongs to one thread of one client, which may take it again.
final class LockResource implements Resource {
    private record Owner(Session session, long thread) {}

    /// Guards all below.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition free = lock.newCondition();
    private @Nullable Owner owner;
    private long holds;

    @Override
    public void perform(Verb verb, FrameReader arguments, Caller caller, ByteSink result)
            throws InterruptedException {
        var candidate = new Owner(caller.session(), caller.thread());
        lock.lockInterruptibly();
        try {
            switch (verb) {
                case ACQUIRE ->
                        writeTruth(result, acquire(caller, candidate, arguments.readLong()));
                case RELEASE -> release(candidate);
                case GET -> writeTruth(result, candidate.equals(owner));
                default -> throw Resource.unknown(Kind.LOCK, verb);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean acquire(Caller caller, Owner candidate, long nanos)
            throws InterruptedException {
        var left = nanos;
        while (owner != null && !candidate.equals(owner)) {
            if (left <= 0) {
                return false;
            }
            left = caller.await(free, left);
        }
        owner = candidate;
        holds++;
        return true;
    }

    private void release(Owner candidate) {
        if (!candidate.equals(owner)) {
            throw Status.NOT_THE_OWNER.refuse("the lock does not belong to this thread");
        }
        if (--holds == 0) {
            owner = null;
            free.signal();
        }
    }

    @Override
    public void release(Session session) {
        lock.lock();
        try {
            if (owner != null && owner.session().equals(session)) {
                owner = null;
                holds = 0;
                free.signal();
            }
        } finally {
            lock.unlock();
        }
    }
}
