package dev.muster.queue.spi;

import java.util.Locale;
import java.util.Objects;

/// Where messages are published when they are not sent to a queue directly: it copies each to the
/// queues bound to it.
///
/// @param name empty for the default exchange, in which the routing key is the name of the queue
/// @param durable whether it survives a restart of the broker
public record Exchange(String name, Type type, boolean durable) {
    /// The default exchange: a routing key names a queue.
    public static final Exchange DEFAULT = direct("");

    public Exchange {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }

    /// A durable direct exchange.
    public static Exchange direct(String name) {
        return new Exchange(name, Type.DIRECT, true);
    }

    /// How an exchange chooses among its bindings, as in AMQP 0-9-1.
    public enum Type {
        /// Routing key and binding key are equal.
        DIRECT,
        /// The binding key is a pattern: `*` stands for one word, `#` for any number of words.
        TOPIC,
        /// Every bound queue gets a copy.
        FANOUT;

        /// The name on the wire: `direct`, `topic`, `fanout`.
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
