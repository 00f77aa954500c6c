package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.spi.Exchange;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/// Which queues a message to an exchange goes to. The bindings are in Redis; of what type an
/// exchange is, Redis does not know (celery-wire 3.3). Thread-safe.
final class Routes {
    private final Keys keys;
    private final Pattern separator;
    private final String eventExchange;

    /// By exchange, as declared by us.
    private final Map<String, Exchange.Type> types = new ConcurrentHashMap<>();

    /// @param eventExchange which Celery takes for a fanout exchange on Redis
    Routes(Keys keys, String eventExchange) {
        this.keys = keys;
        this.eventExchange = eventExchange;
        this.separator = Pattern.compile(keys.options().separator(), Pattern.LITERAL);
    }

    void declare(Exchange exchange) {
        types.put(exchange.name(), exchange.type());
    }

    /// Celery's own broadcast exchanges are of type fanout on Redis, whatever they are elsewhere.
    Exchange.Type typeOf(Exchange exchange) {
        return isBroadcast(exchange.name()) ? Exchange.Type.FANOUT : exchange.type();
    }

    private boolean isBroadcast(String exchange) {
        return exchange.equals(eventExchange)
                || (exchange.endsWith(".pidbox") && !isReplies(exchange));
    }

    /// Whether clients that wait for answers read the queues of this exchange.
    static boolean isReplies(String exchange) {
        return exchange.startsWith("reply.") && exchange.endsWith(".pidbox");
    }

    /// Whether messages to it are published on a channel, as far as we know without its bindings.
    boolean isFanout(String exchange) {
        return isBroadcast(exchange) || types.get(exchange) == Exchange.Type.FANOUT;
    }

    /// As [#isFanout(String)], for an exchange that nobody has declared to us: bindings of topic
    /// exchanges have patterns, those of direct exchanges have keys, those of fanout exchanges have
    /// neither.
    boolean isFanout(String exchange, Collection<String> members) {
        return !types.containsKey(exchange)
                && !members.isEmpty()
                && parse(members).allMatch(b -> b.key().isEmpty() && b.pattern().isEmpty());
    }

    /// The members of the sets of these exchanges' bindings, read in one round trip.
    Map<String, List<String>> members(RedisConnection connection, List<String> exchanges) {
        if (exchanges.isEmpty()) {
            return Map.of();
        }
        var answers =
                connection.pipeline(
                        exchanges.stream()
                                .map(exchange -> Command.of("SMEMBERS", keys.bindings(exchange)))
                                .toList());
        var members = new HashMap<String, List<String>>();
        for (var i = 0; i < exchanges.size(); i++) {
            if (answers.get(i) instanceof JedisDataException e) {
                throw e;
            }
            if (answers.get(i) instanceof List<?> values) {
                members.put(
                        exchanges.get(i),
                        values.stream().map(v -> new String((byte[]) v, UTF_8)).toList());
            }
        }
        return members;
    }

    /// @param members of the set of the exchange's bindings
    SequencedSet<String> queues(String exchange, String routingKey, Collection<String> members) {
        var type = types.get(exchange);
        return parse(members)
                .filter(binding -> binding.matches(routingKey, type))
                .map(Binding::queue)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Stream<Binding> parse(Collection<String> members) {
        return members.stream()
                .map(member -> List.of(separator.split(member, -1)))
                .filter(parts -> parts.size() == 3 && !parts.getLast().isEmpty())
                .map(parts -> new Binding(parts.get(0), parts.get(1), parts.get(2)));
    }

    private record Binding(String key, String pattern, String queue) {
        boolean matches(String routingKey, Exchange.@Nullable Type type) {
            var isTopic = type == Exchange.Type.TOPIC || !pattern.isEmpty();
            return (isTopic ? Exchange.Type.TOPIC : Exchange.Type.DIRECT).matches(key, routingKey);
        }
    }
}
