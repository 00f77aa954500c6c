package dev.muster.queue.spi;

import java.sql.Connection;
import java.util.Collection;
import java.util.List;

/// What a broker in a database can do: take part in a transaction of the caller. Thread-safe.
/// Methods throw [BrokerException].
@FunctionalInterface
public interface Transactions {
    /// Publishes as part of the caller's own database transaction: the messages exist if and when
    /// that commits.
    ///
    /// @param transaction a connection to the database that holds the broker's queues, auto-commit
    ///   off; neither committed nor closed here
    /// @param queues where they go, to be declared before: in the transaction, if nobody else can
    ///   write while that lasts
    void publish(Connection transaction, Collection<Queue> queues, List<Publication> messages);
}
