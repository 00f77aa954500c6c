package dev.muster.queue.spi;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A message and where to send it.
///
/// @param exchange the exchange's name; empty for the default exchange
/// @param routingKey the key; for the default exchange the name of a queue
/// @param notBefore when a consumer shall get it at the earliest; null for at once. A broker that
///   cannot keep messages back delivers it at once, and a worker waits.
public record Publication(
        String exchange, String routingKey, Message message, @Nullable Instant notBefore) {
    public Publication {
        Objects.requireNonNull(exchange, "exchange");
        Objects.requireNonNull(routingKey, "routingKey");
        Objects.requireNonNull(message, "message");
    }

    /// To be delivered at once.
    public Publication(String exchange, String routingKey, Message message) {
        this(exchange, routingKey, message, null);
    }

    /// The same with another message.
    public Publication withMessage(Message value) {
        return new Publication(exchange, routingKey, value, notBefore);
    }

    /// Where it goes, for people: `queue 'x'`, or `exchange 'x' with routing key 'y'`.
    public String target() {
        return exchange.isEmpty()
                ? "queue '%s'".formatted(routingKey)
                : "exchange '%s' with routing key '%s'".formatted(exchange, routingKey);
    }
}
