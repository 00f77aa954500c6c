package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;

/// The queues of an application by name, and the way of a signature to one of them (celery-wire
/// 2.2). Immutable.
final class Queues {
    private static final Set<String> FIELDS =
            Set.of(
                    "exchange",
                    "exchange_type",
                    "routing_key",
                    "queue_arguments",
                    "max_priority",
                    "broadcast");

    /// How Celery names the queue that a worker reads a broadcast from.
    private static final String BROADCAST_PREFIX = "bcast.";

    /// The queue of one worker for a broadcast; a name that only begins like it is any queue's.
    private static final Pattern BROADCAST =
            Pattern.compile("bcast\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\\.again)?");

    /// What is tried again after it came by a fanout exchange is sent to a queue with this ending,
    /// past the exchange, which would copy it to all: on Redis nobody reads the queue itself, as
    /// its messages come by a channel.
    private static final String AGAIN = ".again";

    /// As Celery names a worker's own queue, and the exchange of all of them.
    private static final String DIRECT_SUFFIX = ".dq2";

    private static final Exchange DIRECT = Exchange.direct("C.dq2");

    private final Settings settings;
    private final Map<String, Queue> declared = new LinkedHashMap<>();
    private final Set<String> broadcasts = new HashSet<>();

    /// @throws SettingsException when `task_queues` cannot be understood
    Queues(Settings settings) {
        this.settings = settings;
        settings.get(Setting.TASK_QUEUES)
                .forEach((name, fields) -> declared.put(name, queue(name, fields)));
    }

    private Queue queue(String name, Object fields) {
        if (!(fields instanceof Map<?, ?> map)) {
            throw new SettingsException(
                    "task_queues: '%s' needs a map, such as {routing_key: %s}"
                            .formatted(name, name));
        }
        map.keySet().stream()
                .map(String::valueOf)
                .filter(field -> !FIELDS.contains(field))
                .findFirst()
                .ifPresent(field -> {
                    throw new SettingsException(
                            "task_queues: '%s' of queue '%s' is unknown; did you mean '%s'?"
                                    .formatted(field, name, Settings.nearest(field, FIELDS)));
                });
        var isBroadcast = "true".equals(text(map, "broadcast").orElse("false"));
        if (isBroadcast) {
            broadcasts.add(name);
        }
        var arguments = new LinkedHashMap<>(isBroadcast ? Map.of() : defaultArguments(name));
        if (map.get("queue_arguments") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> arguments.put(String.valueOf(key), value));
        }
        if (map.get("max_priority") instanceof Number priority) {
            arguments.put("x-max-priority", priority.intValue());
        }
        var type = exchangeType(name, map, isBroadcast ? "fanout" : "direct");
        if (isBroadcast && type != Exchange.Type.FANOUT) {
            throw new SettingsException(
                    "task_queues: '%s' is a broadcast, so its exchange_type is fanout, and not %s"
                            .formatted(name, type.wireName()));
        }
        var exchange = new Exchange(text(map, "exchange").orElse(name), type, true);
        var routingKey = text(map, "routing_key").orElse(isBroadcast ? defaultName() : name);
        return new Queue(name, exchange, routingKey, Queue.Lifetime.DURABLE, arguments);
    }

    private static Exchange.Type exchangeType(String queue, Map<?, ?> fields, String byDefault) {
        var type = text(fields, "exchange_type").orElse(byDefault);
        try {
            return Exchange.Type.of(type);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(
                    "task_queues: exchange_type '%s' of queue '%s' is none of direct, topic, fanout"
                            .formatted(type, queue),
                    e);
        }
    }

    private static Optional<String> text(Map<?, ?> fields, String name) {
        return Optional.ofNullable(fields.get(name)).map(Object::toString);
    }

    private Map<String, Object> defaultArguments(String name) {
        var arguments = new LinkedHashMap<String, Object>();
        var type =
                settings.get(
                        name.equals(defaultName())
                                ? Setting.TASK_DEFAULT_QUEUE_TYPE
                                : Setting.TASK_CREATE_MISSING_QUEUE_TYPE);
        if (!type.equals("classic")) {
            arguments.put("x-queue-type", type);
        }
        settings.get(Setting.TASK_QUEUE_MAX_PRIORITY)
                .ifPresent(max -> arguments.put("x-max-priority", max));
        return arguments;
    }

    private String defaultName() {
        return settings.get(Setting.TASK_DEFAULT_QUEUE);
    }

    /// The queue of this name: as `task_queues` defines it, or as Celery creates a queue that it
    /// meets.
    ///
    /// @throws SettingsException when it is not known, and `task_create_missing_queues` is off
    Queue named(String name) {
        var queue = declared.get(name);
        if (queue != null) {
            return queue;
        }
        if (name.equals(defaultName()) && declared.isEmpty()) {
            return defaultQueue();
        }
        if (settings.get(Setting.WORKER_DIRECT) && name.endsWith(DIRECT_SUFFIX)) {
            return directTo(name.substring(0, name.length() - DIRECT_SUFFIX.length()));
        }
        if (!settings.get(Setting.TASK_CREATE_MISSING_QUEUES)) {
            throw new SettingsException(
                    "there is no queue '%s', and task_create_missing_queues is off; there are %s"
                            .formatted(name, String.join(", ", new TreeSet<>(toConsume()))));
        }
        return new Queue(
                name,
                new Exchange(name, missingType(), true),
                name,
                Queue.Lifetime.DURABLE,
                defaultArguments(name));
    }

    private Queue defaultQueue() {
        var name = defaultName();
        return new Queue(
                name,
                new Exchange(
                        settings.get(Setting.TASK_DEFAULT_EXCHANGE).orElse(name),
                        Exchange.Type.of(settings.get(Setting.TASK_DEFAULT_EXCHANGE_TYPE)),
                        true),
                settings.get(Setting.TASK_DEFAULT_ROUTING_KEY).orElse(name),
                Queue.Lifetime.DURABLE,
                defaultArguments(name));
    }

    /// The queue that only the worker of this node reads, with `worker_direct`.
    Queue directTo(String node) {
        var arguments = new LinkedHashMap<String, Object>();
        settings.get(Setting.TASK_QUEUE_MAX_PRIORITY)
                .ifPresent(max -> arguments.put("x-max-priority", max));
        return new Queue(node + DIRECT_SUFFIX, DIRECT, node, Queue.Lifetime.DURABLE, arguments);
    }

    /// The queues that a worker reads for this name. A broadcast has one of its own for each
    /// worker, which is gone when the worker is.
    List<Queue> toRead(String name) {
        var queue = named(name);
        if (broadcasts.contains(name)) {
            var own = BROADCAST_PREFIX + UUID.randomUUID();
            return List.of(
                    new Queue(
                            own,
                            queue.exchange(),
                            queue.routingKey(),
                            Queue.Lifetime.REPLIES,
                            queue.arguments()),
                    Queue.replies(own + AGAIN, Map.of()));
        }
        return queue.exchange().type() == Exchange.Type.FANOUT
                ? List.of(queue, again(name))
                : List.of(queue);
    }

    /// For what is tried again; also where other queues that are missing are not created.
    private Queue again(String name) {
        return Queue.named(name + AGAIN).withArguments(defaultArguments(name + AGAIN));
    }

    /// Where to send what is tried again that came from this queue: where whoever reads the queue
    /// reads it, and nobody else gets a copy.
    String toTryAgain(String queue) {
        var isFanout =
                BROADCAST.matcher(queue).matches()
                        || (isKnown(queue)
                                && named(queue).exchange().type() == Exchange.Type.FANOUT);
        return isFanout && !queue.endsWith(AGAIN) ? queue + AGAIN : queue;
    }

    private boolean isKnown(String queue) {
        return declared.containsKey(queue)
                || (declared.isEmpty() && queue.equals(defaultName()))
                || (settings.get(Setting.TASK_CREATE_MISSING_QUEUES)
                        && !queue.endsWith(AGAIN)
                        && missingType() == Exchange.Type.FANOUT);
    }

    private Exchange.Type missingType() {
        return Exchange.Type.of(settings.get(Setting.TASK_CREATE_MISSING_QUEUE_EXCHANGE_TYPE));
    }

    /// What a worker reads when it is not told otherwise: the queues of `task_queues`, or the
    /// default queue.
    Set<String> toConsume() {
        return declared.isEmpty() ? Set.of(defaultName()) : Set.copyOf(declared.keySet());
    }

    /// Where to publish a signature.
    Route route(Signature<?> signature) {
        var exchange = signature.option(Option.EXCHANGE);
        var routingKey = signature.option(Option.ROUTING_KEY);
        var named = signature.option(Option.QUEUE);
        if (exchange.isPresent() && named.isEmpty()) {
            return new Route(Optional.empty(), exchange.get(), routingKey.orElse(""));
        }
        var queue = named(named.orElseGet(this::defaultName));
        if (broadcasts.contains(queue.name())) {
            // Each worker has declared its own; one of this name nobody would read.
            return new Route(
                    Optional.empty(),
                    Optional.of(queue.exchange()),
                    queue.exchange().name(),
                    routingKey.orElse(queue.routingKey()));
        }
        var isDirect = queue.exchange().type() == Exchange.Type.DIRECT;
        if (isDirect && (exchange.isEmpty() || routingKey.isEmpty())) {
            return new Route(Optional.of(queue), "", queue.name());
        }
        return new Route(
                Optional.of(queue),
                exchange.orElse(queue.exchange().name()),
                routingKey.orElse(queue.routingKey()));
    }

    /// An exchange and a routing key, and what to declare before publishing there.
    record Route(
            Optional<Queue> queue,
            Optional<Exchange> broadcast,
            String exchange,
            String routingKey) {
        Route(Optional<Queue> queue, String exchange, String routingKey) {
            this(queue, Optional.empty(), exchange, routingKey);
        }

        void declare(Broker broker) {
            queue.ifPresent(broker::declare);
            broadcast.ifPresent(broker::declare);
        }
    }
}
