package dev.muster.queue.spi;

import java.util.List;
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

        /// Reads the name on the wire, in any case.
        ///
        /// @throws IllegalArgumentException when there is no such type
        public static Type of(String name) {
            for (var type : values()) {
                if (type.name().equalsIgnoreCase(name)) {
                    return type;
                }
            }
            throw new IllegalArgumentException(
                    "expected direct, topic or fanout, was '" + name + "'");
        }

        /// The name on the wire: `direct`, `topic`, `fanout`.
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// Whether a message with this routing key goes to a queue that is bound with `bindingKey`.
        public boolean matches(String bindingKey, String routingKey) {
            return switch (this) {
                case DIRECT -> bindingKey.equals(routingKey);
                case TOPIC -> wordsMatch(words(bindingKey), words(routingKey));
                case FANOUT -> true;
            };
        }

        /// None in an empty key, as RabbitMQ counts: `#` stands for it, `*` does not.
        private static List<String> words(String key) {
            return key.isEmpty() ? List.of() : List.of(key.split("\\.", -1));
        }

        /// Row by row, as an edit distance is computed: a recursion would take exponential time for
        /// a pattern with many `#`.
        private static boolean wordsMatch(List<String> pattern, List<String> key) {
            // reached[n]: the part of the pattern read so far matches the first n words of the key.
            var reached = new boolean[key.size() + 1];
            reached[0] = true;
            for (var word : pattern) {
                var next = new boolean[key.size() + 1];
                for (var length = 0; length <= key.size(); length++) {
                    if (word.equals("#")) {
                        next[length] = reached[length] || (length > 0 && next[length - 1]);
                    } else if (length > 0) {
                        next[length] =
                                reached[length - 1]
                                        && (word.equals("*") || word.equals(key.get(length - 1)));
                    }
                }
                reached = next;
            }
            return reached[key.size()];
        }
    }
}
