package dev.muster.queue.redis;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Setting;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/// A broker on a Redis database that it may share with Python workers.
///
/// Lower priorities are more urgent here, as kombu has it: 0 comes first. Messages to fanout
/// exchanges reach who listens at that moment; they are not stored.
///
/// Each kind of work has a connection of its own: one to publish, one to settle, one for the rest,
/// one for looking after held messages, two for those kept back, and those of each consumer.
final class RedisBroker implements Broker {
    private static final Pattern VERSION = Pattern.compile("redis_version:(\\d+)\\.(\\d+)");

    /// How long answers lie in a queue of which the declaration does not say it.
    private static final Duration REPLIES_LIVE = Duration.ofDays(1);

    /// What an envelope may have besides the body.
    private static final long LARGEST_HEADERS = 4 << 20;

    private final RedisServers servers;
    private final TransportOptions options;
    private final InstantSource clock;
    private final long largestEnvelope;
    private final Keys keys;
    private final Routes routes;
    private final DelayedMessages delayed;
    private final Publisher publisher;
    private final Settler settler;
    private final Session session;
    private final Housekeeper housekeeper;

    /// The bindings made over a connection, as Python declares once per connection. Used with the
    /// session.
    private final Set<String> bound = new HashSet<>();

    private @Nullable RedisConnection boundOver;

    RedisBroker(RedisServers servers, TransportOptions options, Environment environment) {
        this.servers = servers;
        this.options = options;
        this.clock = environment.clock();
        // Base64 makes four bytes of three; as a double, so that "no limit" does not overflow.
        this.largestEnvelope =
                (long)
                        (environment.settings().get(Setting.MESSAGE_MAX_BYTES) / 3.0 * 4
                                + LARGEST_HEADERS);
        this.keys = new Keys(options, servers.database());
        this.routes = new Routes(keys, environment.settings().get(Setting.EVENT_EXCHANGE));
        this.delayed = new DelayedMessages(servers, keys, clock);
        this.publisher = new Publisher(servers, keys, routes, delayed);
        this.settler = new Settler(servers, keys, delayed);
        this.session = new Session(servers, Failures.BROKER);
        this.housekeeper = new Housekeeper(servers, keys, routes, clock, settler);
    }

    RedisServers servers() {
        return servers;
    }

    Routes routes() {
        return routes;
    }

    TransportOptions options() {
        return options;
    }

    /// More bytes than this are not parsed: they hold a body that no worker would read.
    long largestEnvelope() {
        return largestEnvelope;
    }

    Keys keys() {
        return keys;
    }

    /// The score of what is taken now, where kombu writes fractions of a second.
    long indexScore() {
        return Housekeeper.wholeSeconds(clock.instant());
    }

    @Override
    public void declare(Queue queue) {
        if (queue.lifetime() == Queue.Lifetime.REPLIES) {
            var lifetime =
                    queue.arguments().get("x-expires") instanceof Number millis
                            ? Duration.ofMillis(millis.longValue())
                            : REPLIES_LIVE;
            publisher.declareReplies(queue.name(), lifetime);
        }
        var exchange = queue.exchange();
        if (exchange.name().isEmpty()) {
            return;
        }
        routes.declare(exchange);
        var binding = keys.binding(queue, routes.typeOf(exchange));
        bind(keys.bindings(exchange.name()), binding);
    }

    /// Redis itself does not know of types.
    @Override
    public void declare(Exchange exchange) {
        routes.declare(exchange);
    }

    private void bind(String exchange, String binding) {
        session.use(connection -> {
            if (connection != boundOver) {
                bound.clear();
                boundOver = connection;
            }
            if (!bound.contains(exchange + binding)) {
                connection.call(Command.of("SADD", exchange, binding));
                bound.add(exchange + binding);
            }
            return null;
        });
    }

    @Override
    public void publish(List<Publication> messages) {
        if (!messages.isEmpty()) {
            publisher.publish(messages);
        }
    }

    @Override
    public Consumer consume(Collection<Queue> queues, int prefetch) {
        checkVersion();
        delayed.start();
        var consumer = new RedisConsumer(this, queues, prefetch);
        housekeeper.add(consumer);
        return consumer;
    }

    /// Waiting needs `BLMOVE`.
    private void checkVersion() {
        var answer = session.call(Command.of("INFO", "server"));
        if (answer instanceof byte[] info) {
            var version = VERSION.matcher(new String(info, StandardCharsets.UTF_8));
            if (version.find() && isTooOld(version.group(1), version.group(2))) {
                throw BrokerException.refused(
                        "%s is Redis %s.%s; consumers need 6.2 or newer"
                                .formatted(servers, version.group(1), version.group(2)),
                        null);
            }
        }
    }

    private static boolean isTooOld(String major, String minor) {
        var first = Integer.parseInt(major);
        return first < 6 || (first == 6 && Integer.parseInt(minor) < 2);
    }

    @Override
    public long length(String queue) {
        return session.use(connection -> sum(connection.pipeline(onLists(queue, "LLEN"))));
    }

    @Override
    public long purge(String queue) {
        var commands = new ArrayList<Command>();
        commands.add(Command.of("MULTI"));
        commands.addAll(onLists(queue, "LLEN"));
        commands.addAll(onLists(queue, "DEL"));
        commands.add(Command.of("EXEC"));
        var lists = options.prioritySteps().size();
        return session.use(connection -> {
            var answers = connection.pipeline(commands);
            if (answers.getLast() instanceof List<?> results) {
                return sum(results.subList(0, lists));
            }
            throw (JedisDataException)
                    answers.stream()
                            .filter(JedisDataException.class::isInstance)
                            .findFirst()
                            .orElseThrow();
        });
    }

    private List<Command> onLists(String queue, String command) {
        return keys.queues(queue).stream().map(list -> Command.of(command, list)).toList();
    }

    private static long sum(List<?> answers) {
        var sum = 0L;
        for (var answer : answers) {
            sum +=
                    switch (answer) {
                        case Long number -> number;
                        case JedisDataException e -> throw e;
                        default -> throw new IllegalStateException("not a number: " + answer);
                    };
        }
        return sum;
    }

    void settle(List<Settlement> settlements) {
        settler.submit(settlements);
    }

    void removeLater(Collection<String> tags) {
        settler.removeLater(tags);
    }

    /// Removes a queue that ends with its reader: binding and lists.
    void delete(Queue queue) {
        var exchange = queue.exchange();
        if (!exchange.name().isEmpty()) {
            var binding = keys.binding(queue, routes.typeOf(exchange));
            session.use(connection -> {
                bound.clear();
                return connection.call(Command.of("SREM", keys.bindings(exchange.name()), binding));
            });
        }
        if (routes.typeOf(exchange) != Exchange.Type.FANOUT) {
            session.call(Command.of("DEL", keys.queues(queue.name()).toArray()));
        }
    }

    /// The consumer is closed.
    void forget(RedisConsumer consumer) {
        housekeeper.remove(consumer);
    }

    @Override
    public String description() {
        return servers.toString();
    }

    @Override
    public void close() {
        housekeeper.close();
        delayed.close();
        publisher.close();
        settler.close();
        session.close();
    }
}
