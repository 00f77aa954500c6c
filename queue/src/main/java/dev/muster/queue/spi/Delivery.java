package dev.muster.queue.spi;

import java.time.Instant;
import java.util.Optional;

/// One message in the hands of a consumer, until it is settled by exactly one of [#ack()],
/// [#ackSoon()] and [#reject(boolean)].
///
/// A delivery that is never settled returns to its queue when its consumer is closed or dies.
/// Settling twice is harmless: only the first counts. Settling after the connection that delivered
/// was lost does nothing, because the broker has taken the message back already and will deliver it
/// again. Thread-safe.
public interface Delivery {
    Message message();

    /// The exchange that the message was published to; empty for the default exchange.
    String exchange();

    String routingKey();

    /// The queue that it was taken from.
    String queue();

    /// Whether the broker has delivered this message before. False does not prove that it has not.
    boolean redelivered();

    /// Why the transport could not read its own envelope around the message, if so. The message
    /// then holds the raw bytes as body and is fit for a log line and [#reject(boolean)] only.
    Optional<String> defect();

    /// Removes the message from the broker: it is done. Returns when the broker cannot deliver it
    /// again, or, where the broker does not confirm this (AMQP), when it has been told.
    ///
    /// @throws BrokerException when that cannot be told because the connection broke just now; the
    ///   message may then be delivered again
    void ack();

    /// As [#ack()], but returns at once, unless there is much to tell already: the broker is told
    /// as soon as can be, together with what else it is to be told by then, and closing the
    /// consumer waits for that for some seconds. The message counts as settled, and takes no
    /// prefetched place any more where this side counts them. If the broker cannot be told, the
    /// message may be delivered again.
    default void ackSoon() {
        ack();
    }

    /// Gives the message up: back to the queue, or away (to the dead-letter exchange, where the
    /// broker has one).
    ///
    /// @throws BrokerException as for [#ack()]
    void reject(boolean requeue);

    /// Hands the message back to the broker, to be delivered to whatever consumer at that time, and
    /// to be held by none meanwhile. That settles it.
    ///
    /// @return false, with nothing changed, where the broker cannot do that
    /// @throws BrokerException when the broker cannot be reached; it is then not settled
    default boolean postpone(Instant until) {
        return false;
    }
}
