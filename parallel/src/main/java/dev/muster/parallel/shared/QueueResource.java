package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Frames.writeTruth;

import dev.muster.parallel.wire.ByteSink;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A queue in the manager.
///
/// A value that is taken is lent to its client until that says that it has arrived; when the client
/// is lost before, the value goes back to the head. Until then nobody is told that the queue has
/// ended.
final class QueueResource implements Resource {
    private record Loan(Session session, long call) {}

    private final int capacity;

    /// Guards all below.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final Condition allDone = lock.newCondition();
    private final ArrayDeque<byte[]> values = new ArrayDeque<>();
    private final Map<Loan, byte[]> lent = new LinkedHashMap<>();
    private long unfinished;
    private boolean closed;

    QueueResource(int capacity) {
        this.capacity = capacity;
    }

    @Override
    public void perform(Verb verb, FrameReader arguments, Caller caller, ByteSink result)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            switch (verb) {
                case PUT ->
                        writeTruth(
                                result, put(caller, arguments.readLong(), arguments.readBytes()));
                case TAKE -> take(arguments.readLong(), caller, result);
                case TASK_DONE -> taskDone();
                case JOIN -> writeTruth(result, join(caller, arguments.readLong()));
                case SIZE -> result.writeInt(values.size());
                case CLOSE -> close();
                default -> throw Resource.unknown(Kind.QUEUE, verb);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean put(Caller caller, long nanos, byte[] value) throws InterruptedException {
        var left = nanos;
        while (values.size() >= capacity && !closed) {
            if (left <= 0) {
                return false;
            }
            left = caller.await(notFull, left);
        }
        if (closed) {
            throw Status.QUEUE_CLOSED.refuse("nothing can be put into a queue that is closed");
        }
        values.addLast(value);
        unfinished++;
        notEmpty.signal();
        return true;
    }

    private void take(long nanos, Caller caller, ByteSink result) throws InterruptedException {
        var left = nanos;
        while (values.isEmpty()) {
            if (hasEnded()) {
                result.write(Frames.END);
                return;
            }
            if (left <= 0) {
                result.write(Frames.NOTHING);
                return;
            }
            left = caller.await(notEmpty, left);
        }
        var value = values.removeFirst();
        lent.put(new Loan(caller.session(), caller.call()), value);
        notFull.signal();
        result.write(Frames.VALUE);
        Frames.writeBytes(result, value);
    }

    private boolean hasEnded() {
        return closed && values.isEmpty() && lent.isEmpty();
    }

    private void taskDone() {
        if (unfinished == 0) {
            throw Status.WRONG_STATE.refuse("taskDone() was called for all values already");
        }
        if (--unfinished == 0) {
            allDone.signalAll();
        }
    }

    private boolean join(Caller caller, long nanos) throws InterruptedException {
        var left = nanos;
        while (unfinished > 0) {
            if (left <= 0) {
                return false;
            }
            left = caller.await(allDone, left);
        }
        return true;
    }

    private void close() {
        closed = true;
        notEmpty.signalAll();
        notFull.signalAll();
    }

    /// The value that the call has taken has arrived.
    void keep(Session session, long call) {
        lock.lock();
        try {
            lent.remove(new Loan(session, call));
            if (hasEnded()) {
                notEmpty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The value that the call has taken goes back to the head.
    void giveBack(Session session, long call) {
        lock.lock();
        try {
            giveBack(new Loan(session, call));
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Loan loan) {
        var value = lent.remove(loan);
        if (value != null) {
            values.addFirst(value);
            notEmpty.signal();
        }
    }

    @Override
    public void undo(Caller caller) {
        giveBack(caller.session(), caller.call());
    }

    @Override
    public void release(Session session) {
        lock.lock();
        try {
            var lost =
                    lent.keySet().stream().filter(loan -> loan.session().equals(session)).toList();
            lost.reversed().forEach(this::giveBack);
        } finally {
            lock.unlock();
        }
    }
}
