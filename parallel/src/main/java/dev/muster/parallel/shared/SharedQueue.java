package dev.muster.parallel.shared;

import dev.muster.parallel.JoinableQueue;
import dev.muster.parallel.QueueClosedException;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A queue in a manager, seen from a client.
final class SharedQueue<T> implements JoinableQueue<T> {
    private final Connection connection;
    private final int number;
    private final int capacity;
    private final Codec<T> codec;

    SharedQueue(Connection connection, int number, int capacity, Codec<T> codec) {
        this.connection = connection;
        this.number = number;
        this.capacity = capacity;
        this.codec = codec;
    }

    @Override
    public void put(T value) throws InterruptedException {
        put(value, Frames.FOR_EVER);
    }

    @Override
    public boolean offer(T value, Duration limit) throws InterruptedException {
        return put(value, Frames.nanos(limit));
    }

    private boolean put(T value, long nanos) throws InterruptedException {
        var bytes = codec.pack(value);
        return connection
                .await(
                        Verb.PUT,
                        number,
                        arguments -> {
                            arguments.writeLong(nanos);
                            Frames.writeBytes(arguments, bytes);
                        })
                .content()
                .readTruth();
    }

    @Override
    public T take() throws InterruptedException {
        var value = take(Frames.FOR_EVER);
        if (value == null) {
            throw new QueueClosedException("the queue is closed and empty");
        }
        return value;
    }

    @Override
    public Optional<T> poll(Duration limit) throws InterruptedException {
        return Optional.ofNullable(take(Frames.nanos(limit)));
    }

    /// Null when none came in time, or none will.
    private @Nullable T take(long nanos) throws InterruptedException {
        var reply = connection.await(Verb.TAKE, number, arguments -> arguments.writeLong(nanos));
        if (reply.content().readByte() != Frames.VALUE) {
            return null;
        }
        T value;
        try {
            value = codec.unpack(reply.content().readBytes());
        } catch (ManagerException e) {
            connection.send(Verb.RETURN, number, reply.call()); // others may know its class
            throw e;
        }
        // When this fails, the manager gives the value to somebody else.
        connection.send(Verb.KEEP, number, reply.call());
        return value;
    }

    @Override
    public void taskDone() {
        connection.call(Verb.TASK_DONE, number, Connection.NO_ARGUMENTS);
    }

    @Override
    public void join() throws InterruptedException {
        join(Frames.FOR_EVER);
    }

    @Override
    public boolean join(Duration limit) throws InterruptedException {
        return join(Frames.nanos(limit));
    }

    private boolean join(long nanos) throws InterruptedException {
        return connection
                .await(Verb.JOIN, number, arguments -> arguments.writeLong(nanos))
                .content()
                .readTruth();
    }

    @Override
    public int size() {
        return connection.call(Verb.SIZE, number, Connection.NO_ARGUMENTS).readInt();
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            private @Nullable T ahead;
            private boolean ended;

            @Override
            public boolean hasNext() {
                if (ahead == null && !ended) {
                    try {
                        ahead = take(Frames.FOR_EVER);
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                    ended = ahead == null;
                }
                return ahead != null;
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the queue is closed and empty");
                }
                var value = ahead;
                ahead = null;
                if (value == null) {
                    throw new IllegalStateException("no value ahead");
                }
                return value;
            }
        };
    }

    @Override
    public void close() {
        connection.call(Verb.CLOSE, number, Connection.NO_ARGUMENTS);
    }
}
