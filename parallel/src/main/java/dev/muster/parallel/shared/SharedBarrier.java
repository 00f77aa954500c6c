package dev.muster.parallel.shared;

import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeoutException;

/// A barrier in a manager: a number of parties wait for each other, and go on together. Then it can
/// be used again.
///
/// When one of those who wait is interrupted, waits too long, or is lost, the others get a
/// [BrokenBarrierException]. The barrier itself is as new then: they may come again.
public final class SharedBarrier {
    private final Connection connection;
    private final int number;
    private final int parties;

    SharedBarrier(Connection connection, int number, int parties) {
        this.connection = connection;
        this.number = number;
        this.parties = parties;
    }

    /// How many wait for each other.
    public int parties() {
        return parties;
    }

    /// How many wait now. Others may come at any moment.
    public int waiting() {
        return connection.call(Verb.SIZE, number, Connection.NO_ARGUMENTS).readInt();
    }

    /// Waits until all are there.
    ///
    /// @return how many were still missing when this one came; 0 for the last
    /// @throws BrokenBarrierException when another one has given up
    public int await() throws InterruptedException, BrokenBarrierException {
        try {
            return await(Frames.FOR_EVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e); // after centuries
        }
    }

    /// Waits until all are there, but no longer than the limit.
    ///
    /// @return how many were still missing when this one came; 0 for the last
    /// @throws BrokenBarrierException when another one has given up
    /// @throws TimeoutException when not all came in time; the others that wait are told
    public int await(Duration limit)
            throws InterruptedException, BrokenBarrierException, TimeoutException {
        return await(Frames.nanos(limit));
    }

    private int await(long nanos)
            throws InterruptedException, BrokenBarrierException, TimeoutException {
        var missing =
                connection
                        .await(Verb.AWAIT, number, arguments -> arguments.writeLong(nanos))
                        .content()
                        .readInt();
        return switch (missing) {
            case BarrierResource.BROKEN ->
                    throw new BrokenBarrierException("another party has given up, or is lost");
            case BarrierResource.TOO_LATE ->
                    throw new TimeoutException(
                            "not all %d parties came in time".formatted(parties));
            default -> missing;
        };
    }
}
