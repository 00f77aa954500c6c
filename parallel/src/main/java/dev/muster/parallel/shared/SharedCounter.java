package dev.muster.parallel.shared;

/// A number in a manager that many may change. It begins with 0, and wraps around like a `long`.
/// Thread-safe; each method is done at once, with nothing of others in between.
public final class SharedCounter {
    private final Connection connection;
    private final int number;

    SharedCounter(Connection connection, int number) {
        this.connection = connection;
        this.number = number;
    }

    private long change(Verb verb, long value) {
        return connection.call(verb, number, arguments -> arguments.writeLong(value)).readLong();
    }

    /// Adds to it; a negative number is taken away.
    ///
    /// @return what it is then
    public long add(long delta) {
        return change(Verb.ADD, delta);
    }

    /// Adds 1.
    ///
    /// @return what it is then
    public long increment() {
        return add(1);
    }

    /// What it is now.
    public long get() {
        return connection.call(Verb.GET, number, Connection.NO_ARGUMENTS).readLong();
    }

    /// Makes it another number.
    public void set(long value) {
        change(Verb.SET, value);
    }

    /// Makes it another number, if it is still the expected one.
    ///
    /// @return whether it was
    public boolean compareAndSet(long expected, long value) {
        return connection
                .call(
                        Verb.REPLACE,
                        number,
                        arguments -> {
                            arguments.writeLong(expected);
                            arguments.writeLong(value);
                        })
                .readTruth();
    }
}
