package dev.muster.queue.spi;

import java.util.Objects;

/// A message and where to send it.
///
/// @param exchange the exchange's name; empty for the default exchange
/// @param routingKey the key; for the default exchange the name of a queue
public record Publication(String exchange, String routingKey, Message message) {
    public Publication {
        Objects.requireNonNull(exchange, "exchange");
        Objects.requireNonNull(routingKey, "routingKey");
        Objects.requireNonNull(message, "message");
    }

    /// Where it goes, for people: `queue 'x'`, or `exchange 'x' with routing key 'y'`.
    public String target() {
        return exchange.isEmpty()
                ? "queue '%s'".formatted(routingKey)
                : "exchange '%s' with routing key '%s'".formatted(exchange, routingKey);
    }
}
