package dev.muster.queue.spi;

import java.time.Duration;
import java.util.List;

/// A reader of one or more queues. [#take] is used by one thread, the other methods by any.
public interface Consumer extends AutoCloseable {
    /// Waits until there are messages, and takes up to `max` of them.
    ///
    /// Waiting is woken by the broker, not by polling. Several queues are served in turn, so that a
    /// full one does not starve the others; within a queue the more urgent priority comes first,
    /// then the older message.
    ///
    /// @param max how many at the most, at least 1
    /// @param timeout how long to wait for the first; returns an empty list when it passes
    /// @return the messages; empty after the timeout, and at once when cancelled
    /// @throws BrokerException when the connection is lost: the consumer is then useless and must
    ///   be closed
    List<Delivery> take(int max, Duration timeout);

    /// Changes how many unsettled messages this consumer may hold; 0 for no limit. A worker that
    /// keeps messages for later raises it, so that they do not stop the flow. Without effect on
    /// quorum queues of RabbitMQ, whose limit is fixed.
    ///
    /// @throws BrokerException when the connection is lost
    void prefetch(int count);

    /// Stops the flow: a waiting [#take] returns, later ones return empty lists, and what was
    /// fetched but not taken goes back to the queue. Deliveries already taken can still be settled.
    void cancel();

    /// Cancels, returns every unsettled delivery to its queue, and frees the connection. Never
    /// throws; twice is harmless.
    @Override
    void close();
}
