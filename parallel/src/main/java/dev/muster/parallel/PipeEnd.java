package dev.muster.parallel;

import dev.muster.parallel.ring.Role;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;

/// One end of a [ProcessPipe]. It is passed to a child process as an argument.
///
/// The end of it is told to the other side: once this end is closed, or the process that it was
/// passed to has ended, however that was, the other side can receive what is still in the pipe, and
/// then gets a [QueueClosedException]; so it does when it sends. An end that was passed to several
/// processes is in use until the last of them has ended. A process that keeps running, such as one
/// of a pool, should close it.
///
/// What is sent is copied, as for a [ProcessQueue], and fails in the same ways. Thread-safe.
///
/// @param <S> what it sends
/// @param <R> what it receives
public final class PipeEnd<S, R> implements Iterable<R>, AutoCloseable, Serializable {
    private final transient ProcessQueue<S> out;
    private final transient ProcessQueue<R> in;

    PipeEnd(ProcessQueue<S> out, ProcessQueue<R> in) {
        this.out = out;
        this.in = in;
    }

    /// Sends a message, and waits while the pipe is full.
    ///
    /// @throws QueueClosedException when one of the ends is closed
    /// @throws QueueLostException when the process that made the pipe has ended
    public void send(S message) throws InterruptedException {
        out.put(message);
    }

    /// Sends a message, if there is room for it in time.
    ///
    /// @param limit how long to wait; zero or less for not at all
    /// @return whether it was sent
    /// @throws QueueClosedException when one of the ends is closed
    /// @throws QueueLostException when the process that made the pipe has ended
    public boolean send(S message, Duration limit) throws InterruptedException {
        return out.offer(message, limit);
    }

    /// Waits for the next message.
    ///
    /// @throws QueueClosedException when one of the ends is closed, and all was received
    /// @throws QueueLostException when the process that made the pipe has ended
    public R receive() throws InterruptedException {
        return in.take();
    }

    /// Waits for the next message, but no longer than `limit`.
    ///
    /// @param limit how long to wait; zero or less for not at all
    /// @return empty when none came in time
    /// @throws QueueClosedException when one of the ends is closed, and all was received
    /// @throws QueueLostException when the process that made the pipe has ended
    public Optional<R> receive(Duration limit) throws InterruptedException {
        var message = in.poll(limit);
        if (message.isEmpty() && in.isEnded()) {
            throw new QueueClosedException("the pipe is closed, and all was received");
        }
        return message;
    }

    /// Receives messages until one of the ends is closed. When the thread is interrupted, the
    /// iteration ends, and the thread stays interrupted.
    @Override
    public Iterator<R> iterator() {
        return in.iterator();
    }

    /// Nothing more is sent or received here. What was sent can still be received. Closing twice is
    /// harmless.
    @Override
    public void close() {
        out.close();
        in.close();
    }

    private Object writeReplace() {
        return new Ticket<>(out, in);
    }

    private void readObject(ObjectInputStream stream) throws InvalidObjectException {
        throw new InvalidObjectException("an end of a pipe travels as its ticket");
    }

    private record Ticket<S, R>(ProcessQueue<S> out, ProcessQueue<R> in) implements Serializable {
        private Object readResolve() {
            out.declare(Role.SENDER);
            in.declare(Role.RECEIVER);
            return new PipeEnd<>(out, in);
        }
    }
}
