package dev.muster.queue.redis;

import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The transport options that kombu's Redis transport knows (celery-wire 3.8), and `lease`, which
/// is ours. What all peers of a database must agree on is marked *shared*.
///
/// @param visibilityTimeout after which a message held by a Python worker goes back to its queue
/// @param lease after which a message held by a Java worker that shows no sign of life goes back
/// @param prioritySteps *shared*; the priorities that have a list of their own, ascending
/// @param separator *shared*; between the name of a queue and its step, and inside bindings
/// @param globalKeyPrefix *shared*; goes before every key and channel
/// @param fanoutPrefix *shared*; goes before the name of an exchange to make its channel
/// @param fanoutPatterns *shared*; whether the routing key is part of the channel
/// @param unackedKey *shared*; as the other two names of keys
/// @param unackedRestoreLimit how many messages one run of the restore job brings back
/// @param deadLetterQueue where messages go that no binding wants
/// @param socketTimeout how long an answer may take
/// @param connectTimeout how long a connection may take; unset: `broker_connection_timeout`, of
///   results: `redis_socket_connect_timeout` first
/// @param orderedChords *shared*; of results: whether the members of chords are kept by their place
record TransportOptions(
        Duration visibilityTimeout,
        Duration lease,
        List<Integer> prioritySteps,
        String separator,
        String globalKeyPrefix,
        String fanoutPrefix,
        boolean fanoutPatterns,
        String unackedKey,
        String unackedIndexKey,
        String unackedMutexKey,
        int unackedRestoreLimit,
        Optional<String> deadLetterQueue,
        QueueOrder queueOrder,
        Duration socketTimeout,
        Optional<Duration> connectTimeout,
        boolean orderedChords) {

    static final String DEFAULT_FANOUT_PREFIX = "/{db}.";

    private static final List<Integer> DEFAULT_STEPS = List.of(0, 3, 6, 9);

    /// Longer than any answer takes that is not lost, short enough to notice a dead network.
    private static final Duration DEFAULT_SOCKET_TIMEOUT = Duration.ofSeconds(30);

    /// Known to kombu, and without meaning here: they steer its connection pool.
    private static final List<String> IGNORED =
            List.of(
                    "ack_emulation",
                    "body_encoding",
                    "client_name",
                    "health_check_interval",
                    "max_connections",
                    "polling_interval",
                    "retry_on_timeout",
                    "retry_policy",
                    "socket_keepalive",
                    "socket_keepalive_options",
                    "unacked_mutex_expire");

    TransportOptions {
        prioritySteps = prioritySteps.stream().sorted().toList();
        if (prioritySteps.isEmpty()) {
            throw new SettingsException(
                    "priority_steps names no step; the default is [0, 3, 6, 9]");
        }
        if (separator.isEmpty()) {
            throw new SettingsException("sep must not be empty; the default is \\x06\\x16");
        }
        if (visibilityTimeout.isZero() || socketTimeout.isZero()) {
            throw new SettingsException(
                    "visibility_timeout and socket_timeout must be longer than 0");
        }
    }

    /// @param setting where the options stand, for messages
    /// @throws SettingsException for an option that does not exist or whose value makes no sense
    static TransportOptions of(String setting, Map<String, Object> options) {
        return of(setting, options, DEFAULT_SOCKET_TIMEOUT);
    }

    /// @param socketTimeout how long an answer may take, if the options say nothing else
    static TransportOptions of(
            String setting, Map<String, Object> options, Duration socketTimeout) {
        var reader = new Reader(setting, options);
        var read =
                new TransportOptions(
                        reader.duration("visibility_timeout").orElse(Duration.ofHours(1)),
                        reader.duration("lease").orElse(Duration.ofSeconds(15)),
                        reader.get("priority_steps", TransportOptions::steps).orElse(DEFAULT_STEPS),
                        reader.text("sep").orElse("\u0006\u0016"),
                        reader.text("global_keyprefix").orElse(""),
                        reader.get("fanout_prefix", TransportOptions::prefix)
                                .orElse(DEFAULT_FANOUT_PREFIX),
                        reader.flag("fanout_patterns").orElse(true),
                        reader.text("unacked_key").orElse("unacked"),
                        reader.text("unacked_index_key").orElse("unacked_index"),
                        reader.text("unacked_mutex_key").orElse("unacked_mutex"),
                        reader.get(
                                        "unacked_restore_limit",
                                        value -> Integer.valueOf(value.toString()))
                                .orElse(Integer.MAX_VALUE),
                        reader.text("deadletter_queue"),
                        reader.get("queue_order_strategy", QueueOrder::of)
                                .orElse(QueueOrder.ROUND_ROBIN),
                        reader.duration("socket_timeout").orElse(socketTimeout),
                        reader.duration("socket_connect_timeout"),
                        reader.flag("result_chord_ordered").orElse(true));
        reader.refuseUnknown();
        return read;
    }

    /// What goes before the keys of results. Celery 5.5 and later put an underscore between the
    /// prefix and the key unless the prefix ends in a separator.
    String resultPrefix() {
        if (globalKeyPrefix.isEmpty() || ":_-.".contains(lastOf(globalKeyPrefix))) {
            return globalKeyPrefix;
        }
        return globalKeyPrefix + "_";
    }

    private static String lastOf(String text) {
        return text.substring(text.length() - 1);
    }

    private static List<Integer> steps(Object value) {
        if (value instanceof List<?> items) {
            return items.stream().map(item -> Integer.valueOf(String.valueOf(item))).toList();
        }
        return Arrays.stream(value.toString().split(",", -1))
                .map(item -> Integer.valueOf(item.strip()))
                .toList();
    }

    /// True stands for kombu's default, false for none, a text for itself.
    private static String prefix(Object value) {
        return switch (value.toString().toLowerCase(Locale.ROOT)) {
            case "true" -> DEFAULT_FANOUT_PREFIX;
            case "false" -> "";
            default -> value.toString();
        };
    }

    /// In which order several queues are read, within one priority step.
    enum QueueOrder {
        /// The queue that just delivered goes to the end.
        ROUND_ROBIN,
        /// By name; a queue is read only while those before it are empty.
        SORTED,
        /// As given; a queue is read only while those before it are empty.
        PRIORITY;

        private static QueueOrder of(Object value) {
            for (var order : values()) {
                if (order.wireName().equals(value.toString())) {
                    return order;
                }
            }
            throw new IllegalArgumentException(
                    "expected %s, was '%s'"
                            .formatted(
                                    Arrays.stream(values())
                                            .map(QueueOrder::wireName)
                                            .collect(Collectors.joining(" or ")),
                                    value));
        }

        private String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Reads option by option and remembers which ones there are.
    private static final class Reader {
        private final String setting;
        private final Map<String, Object> rest;
        private final TreeSet<String> known = new TreeSet<>(IGNORED);

        Reader(String setting, Map<String, Object> options) {
            this.setting = setting;
            this.rest = new HashMap<>(options);
        }

        <T> Optional<T> get(String name, Function<Object, T> convert) {
            known.add(name);
            @Nullable Object value = rest.remove(name);
            if (value == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(convert.apply(value));
            } catch (IllegalArgumentException e) {
                throw new SettingsException(
                        "%s: %s: %s".formatted(setting, name, e.getMessage()), e);
            }
        }

        Optional<String> text(String name) {
            return get(name, Object::toString);
        }

        Optional<Duration> duration(String name) {
            return get(name, Setting::toDuration);
        }

        Optional<Boolean> flag(String name) {
            return get(
                    name,
                    value ->
                            switch (value.toString().toLowerCase(Locale.ROOT)) {
                                case "true" -> true;
                                case "false" -> false;
                                default ->
                                        throw new IllegalArgumentException(
                                                "expected true or false, was '" + value + "'");
                            });
        }

        void refuseUnknown() {
            for (var name : new TreeSet<>(rest.keySet())) {
                if (!known.contains(name)) {
                    throw new SettingsException(
                            "%s: Redis has no option '%s'; did you mean '%s'?"
                                    .formatted(setting, name, Settings.nearest(name, known)));
                }
            }
        }
    }
}
