package dev.muster.parallel.shared;

import java.time.Duration;

/// A semaphore in a manager. Permits belong to the client, whichever thread has acquired them, and
/// are released when it is lost.
public final class SharedSemaphore {
    private final Connection connection;
    private final int number;

    SharedSemaphore(Connection connection, int number) {
        this.connection = connection;
        this.number = number;
    }

    /// Takes a permit, and waits for it.
    public void acquire() throws InterruptedException {
        acquire(1);
    }

    /// Takes several permits at once, and waits for them.
    ///
    /// @throws IllegalArgumentException when there are not so many in all
    public void acquire(int permits) throws InterruptedException {
        acquire(permits, Frames.FOR_EVER);
    }

    /// Takes permits if there are enough in time.
    ///
    /// @param limit how long to wait; zero or less for not at all
    /// @return whether it has them
    /// @throws IllegalArgumentException when there are not so many in all
    public boolean tryAcquire(int permits, Duration limit) throws InterruptedException {
        return acquire(permits, Frames.nanos(limit));
    }

    private boolean acquire(int permits, long nanos) throws InterruptedException {
        return connection
                .await(
                        Verb.ACQUIRE,
                        number,
                        arguments -> {
                            arguments.writeLong(nanos);
                            arguments.writeInt(permits);
                        })
                .content()
                .readTruth();
    }

    /// Gives a permit back.
    ///
    /// @throws IllegalStateException when this client has none
    public void release() {
        release(1);
    }

    /// Gives several permits back.
    ///
    /// @throws IllegalStateException when this client has not so many
    public void release(int permits) {
        connection.call(Verb.RELEASE, number, arguments -> arguments.writeInt(permits));
    }

    /// How many permits are free. Others may change it at any moment.
    public int available() {
        return connection.call(Verb.SIZE, number, Connection.NO_ARGUMENTS).readInt();
    }
}
