package dev.muster.queue.redis;

import dev.muster.queue.spi.Batcher;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Publication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/// Sends messages; concurrent callers share one pipeline. Thread-safe.
final class Publisher implements AutoCloseable {
    /// Enough requests to make the round trip cheap.
    private static final int BATCH = 500;

    /// Nobody waits longer for the answer to a control command.
    private static final Duration REPLIES_LIVE = Duration.ofMinutes(5);

    private final RedisServers servers;
    private final Keys keys;
    private final Routes routes;
    private final DelayedMessages delayed;
    private final Session session;
    private final Batcher<Request> batches = new Batcher<>(BATCH, this::send);

    /// How long an unread answer is kept, by the name of its queue.
    private final Map<String, Duration> replyQueues = new ConcurrentHashMap<>();

    Publisher(RedisServers servers, Keys keys, Routes routes, DelayedMessages delayed) {
        this.servers = servers;
        this.keys = keys;
        this.routes = routes;
        this.delayed = delayed;
        this.session = new Session(servers, Failures.BROKER);
    }

    /// From now on, messages to this queue disappear after `lifetime` without a new one.
    void declareReplies(String queue, Duration lifetime) {
        replyQueues.put(queue, lifetime);
    }

    void publish(List<Publication> messages) {
        var request = new Request(messages);
        batches.submit(request);
        if (request.failure != null) {
            throw request.failure;
        }
    }

    private void send(List<Request> requests) {
        session.use(connection -> {
            var bindings = routes.members(connection, exchanges(requests));
            var steps = new ArrayList<Step>();
            for (var request : requests) {
                for (var item : request.items) {
                    plan(
                            request,
                            item,
                            bindings.getOrDefault(item.publication().exchange(), List.of()),
                            steps);
                }
            }
            var answers = connection.pipeline(steps.stream().map(Step::command).toList());
            for (var i = 0; i < steps.size(); i++) {
                if (answers.get(i) instanceof JedisDataException e) {
                    steps.get(i).request().fail(Failures.BROKER.of(servers.toString(), e));
                }
            }
            return null;
        });
    }

    /// Those whose bindings we must know.
    private List<String> exchanges(List<Request> requests) {
        return requests.stream()
                .flatMap(request -> request.items.stream())
                .map(item -> item.publication().exchange())
                .filter(exchange -> !exchange.isEmpty() && !routes.isFanout(exchange))
                .distinct()
                .toList();
    }

    private void plan(Request request, Item item, List<String> bindings, List<Step> steps) {
        var exchange = item.publication().exchange();
        var routingKey = item.publication().routingKey();
        if (routes.isFanout(exchange) || routes.isFanout(exchange, bindings)) {
            var channel = keys.channel(exchange, routingKey);
            steps.add(new Step(Command.of("PUBLISH", channel, item.draft().finish()), request));
            return;
        }
        var queues = queues(exchange, routingKey, bindings);
        if (queues.isEmpty()) {
            request.fail(BrokerException.unroutable(servers.toString(), item.publication()));
        }
        var priority = item.publication().message().properties().priority();
        for (var queue : queues) {
            var list = keys.queueFor(queue, Objects.requireNonNullElse(priority, 0));
            var due = item.publication().notBefore();
            steps.add(
                    new Step(
                            due != null && delayed.isForLater(due)
                                    ? delayed.delay(item.draft().tagged(), queue, list, due)
                                    : Command.of("LPUSH", list, item.draft().finish()),
                            request));
            var lifetime = Routes.isReplies(exchange) ? REPLIES_LIVE : replyQueues.get(queue);
            if (lifetime != null) {
                steps.add(new Step(Command.of("PEXPIRE", list, lifetime.toMillis()), request));
            }
        }
    }

    private Set<String> queues(String exchange, String routingKey, List<String> bindings) {
        if (exchange.isEmpty()) {
            return Set.of(routingKey);
        }
        var queues = routes.queues(exchange, routingKey, bindings);
        return queues.isEmpty()
                ? keys.options().deadLetterQueue().map(Set::of).orElse(Set.of())
                : queues;
    }

    @Override
    public void close() {
        session.close();
    }

    private record Item(Publication publication, Envelope.Draft draft) {}

    /// A command, and for whom it is sent.
    private record Step(Command command, Request request) {}

    /// What one caller wants to have published, and what became of it.
    private static final class Request {
        private final List<Item> items;
        private @Nullable RuntimeException failure;

        /// Encodes the messages, on the caller's thread.
        private Request(List<Publication> messages) {
            items = messages.stream().map(m -> new Item(m, Envelope.write(m))).toList();
        }

        private void fail(RuntimeException reason) {
            if (failure == null) {
                failure = reason;
            }
        }
    }
}
