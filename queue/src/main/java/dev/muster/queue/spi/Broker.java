package dev.muster.queue.spi;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Carries messages from publishers to consumers, and does not know what a task is. Thread-safe.
///
/// A broker connects when it is first used and again after a connection was lost; no method retries
/// by itself. Each throws a [BrokerException], transient when the server cannot be reached, and the
/// caller decides when to try again.
public interface Broker extends AutoCloseable {
    /// Creates the queue, its exchange and its binding where they do not exist. Repeating it is
    /// cheap.
    ///
    /// @throws BrokerException not transient, when it exists with other properties
    void declare(Queue queue);

    /// Says of what type an exchange is, and creates it where exchanges are created by themselves:
    /// for a sender who knows of no queue that is bound to it.
    ///
    /// @throws BrokerException as [#declare(Queue)]
    default void declare(Exchange exchange) {}

    /// Publishes in order, pipelined, and returns when the broker has accepted all: stored, where
    /// the broker is durable and the message persistent.
    ///
    /// A message with a time before which it shall not be delivered is stored like any other, and
    /// kept back until then where the broker can do that; no consumer holds it meanwhile.
    ///
    /// When it throws, none, some or all of the messages may have been accepted: a caller that
    /// tries again may publish some twice.
    ///
    /// @throws BrokerException transient when the broker is away; not transient when a message
    ///   cannot be routed to any queue
    void publish(List<Publication> messages);

    /// What this broker can do in a transaction of the caller; empty where it is in no database.
    default Optional<Transactions> transactions() {
        return Optional.empty();
    }

    /// Opens a reader. The queues have been declared.
    ///
    /// @param prefetch how many unsettled messages this consumer may hold; 0 for no limit
    Consumer consume(Collection<Queue> queues, int prefetch);

    /// How many messages wait in the queue, those held by consumers, and those kept back until
    /// their time, not counted; 0 for a queue that does not exist.
    long length(String queue);

    /// Removes the messages that [#length] counts, and tells how many there were.
    long purge(String queue);

    /// Where this broker is, for people: the URL with its password masked.
    String description();

    /// Frees the connections. Consumers must be closed before. Twice is harmless.
    @Override
    void close();
}
