package dev.muster.queue.spi;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/// A queue and the binding through which messages reach it.
///
/// @param name the queue's name
/// @param exchange the exchange that it is bound to
/// @param routingKey the key, or for a topic exchange the pattern, of the binding
/// @param lifetime how long queue and messages live
/// @param arguments broker-specific arguments such as `x-max-priority` or `x-queue-type`; only AMQP
///   looks at them
public record Queue(
        String name,
        Exchange exchange,
        String routingKey,
        Lifetime lifetime,
        Map<String, Object> arguments) {

    public Queue {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a queue needs a name");
        }
        Objects.requireNonNull(exchange, "exchange");
        Objects.requireNonNull(routingKey, "routingKey");
        Objects.requireNonNull(lifetime, "lifetime");
        arguments = Map.copyOf(arguments);
    }

    /// A durable queue bound to a direct exchange of its own name, as Celery creates for a name
    /// that it meets.
    public static Queue named(String name) {
        return new Queue(name, Exchange.direct(name), name, Lifetime.DURABLE, Map.of());
    }

    /// A queue for the answers to one client: gone some time after the client is.
    public static Queue replies(String name, Map<String, Object> arguments) {
        return new Queue(name, Exchange.DEFAULT, name, Lifetime.REPLIES, arguments);
    }

    /// A queue of one reader, gone some time after the reader is.
    ///
    /// @param messageTtl after which a message that nobody took is dropped
    /// @param expires after which the queue is deleted when nobody reads it
    public static Queue ofReader(
            String name,
            Exchange exchange,
            String routingKey,
            Duration messageTtl,
            Duration expires) {
        return new Queue(
                name,
                exchange,
                routingKey,
                Lifetime.REPLIES,
                Map.of("x-message-ttl", messageTtl.toMillis(), "x-expires", expires.toMillis()));
    }

    public Queue withArguments(Map<String, Object> value) {
        return new Queue(name, exchange, routingKey, lifetime, value);
    }

    /// How long a queue lives.
    public enum Lifetime {
        /// Survives restarts of the broker.
        DURABLE,
        /// Belongs to one reader: deleted when that reader goes; read without acknowledgement.
        REPLIES
    }
}
