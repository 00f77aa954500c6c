package dev.muster.parallel.shared;

import java.time.Duration;

/// Something in a manager that happens, and that others wait for. It has not happened at first.
public final class SharedEvent {
    private final Connection connection;
    private final int number;

    SharedEvent(Connection connection, int number) {
        this.connection = connection;
        this.number = number;
    }

    /// Lets it happen: all that wait go on, and who comes later does not wait.
    public void set() {
        connection.call(Verb.SET, number, Connection.NO_ARGUMENTS);
    }

    /// Makes it as if it had not happened: who comes later waits.
    public void clear() {
        connection.call(Verb.CLEAR, number, Connection.NO_ARGUMENTS);
    }

    /// Whether it has happened.
    public boolean isSet() {
        return connection.call(Verb.GET, number, Connection.NO_ARGUMENTS).readTruth();
    }

    /// Waits until it happens.
    public void await() throws InterruptedException {
        await(Frames.FOR_EVER);
    }

    /// Waits until it happens, but no longer than the limit.
    ///
    /// @return whether it has happened
    public boolean await(Duration limit) throws InterruptedException {
        return await(Frames.nanos(limit));
    }

    private boolean await(long nanos) throws InterruptedException {
        return connection
                .await(Verb.AWAIT, number, arguments -> arguments.writeLong(nanos))
                .content()
                .readTruth();
    }
}
