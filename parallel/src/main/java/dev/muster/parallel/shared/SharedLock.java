package dev.muster.parallel.shared;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/// A lock in a manager. It belongs to one thread of one client, which may lock it again, and has to
/// unlock it as often.
///
/// When the client is lost, the manager gives the lock to others. Its program is told by the next
/// call of this client, whichever it is, with a [ManagerLostException]: none of them does anything
/// any more, so nothing in the manager is changed without the lock. What it does elsewhere
/// meanwhile is not protected; a client that cannot be heard is taken for gone after 15 seconds, by
/// default.
public final class SharedLock implements Lock {
    private final Connection connection;
    private final int number;

    SharedLock(Connection connection, int number) {
        this.connection = connection;
        this.number = number;
    }

    /// Waits until the lock is free, also when the thread is interrupted.
    @Override
    public void lock() {
        connection.call(Verb.ACQUIRE, number, arguments -> arguments.writeLong(Frames.FOR_EVER));
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        acquire(Frames.FOR_EVER);
    }

    /// Takes the lock if it is free.
    ///
    /// @return whether it has it
    @Override
    public boolean tryLock() {
        return connection
                .call(Verb.ACQUIRE, number, arguments -> arguments.writeLong(0))
                .readTruth();
    }

    /// Takes the lock if it becomes free in time.
    ///
    /// @return whether it has it
    public boolean tryLock(Duration limit) throws InterruptedException {
        return acquire(Frames.nanos(limit));
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        return acquire(Math.clamp(unit.toNanos(time), 0, Frames.FOR_EVER));
    }

    private boolean acquire(long nanos) throws InterruptedException {
        return connection
                .await(Verb.ACQUIRE, number, arguments -> arguments.writeLong(nanos))
                .content()
                .readTruth();
    }

    /// Gives it back.
    ///
    /// @throws IllegalMonitorStateException when it does not belong to this thread
    /// @throws ManagerLostException when it was lost with the connection
    @Override
    public void unlock() {
        connection.call(Verb.RELEASE, number, Connection.NO_ARGUMENTS);
    }

    /// Whether it belongs to this thread.
    public boolean isHeldByCurrentThread() {
        return connection.call(Verb.GET, number, Connection.NO_ARGUMENTS).readTruth();
    }

    /// Not supported; see [SharedEvent].
    ///
    /// @throws UnsupportedOperationException always
    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("a shared lock has no conditions; use an event");
    }
}
