package dev.muster.queue.amqp;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Queue;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The queues in which Celery 5.5 and later let RabbitMQ keep messages back (celery-wire 2.6).
///
/// Level n holds a message for 2^n seconds. A delay in seconds, written in binary before the
/// routing key, leads it through the levels whose bit is set, from the highest to the lowest, and
/// at last to the queue.
final class DelayLevels {
    private static final int LEVELS = 28;
    private static final long LONGEST = (1L << LEVELS) - 1;
    private static final String LEVEL = "celery_delayed_";
    private static final String LAST = "celery_delayed_delivery";

    /// Also twice, as a retry by Python puts a second one before the first.
    private static final Pattern PREFIX = Pattern.compile("^(?:(?:[01]\\.){28})+");

    private DelayLevels() {}

    /// Where delayed messages are published.
    static final String ENTRY = LEVEL + (LEVELS - 1);

    /// The routing key that leads through the levels.
    ///
    /// @param delay cut to whole seconds, and to the 8.5 years that the levels hold
    static String routingKey(Duration delay, String routingKey) {
        var seconds = Math.clamp(delay.toSeconds(), 0, LONGEST);
        return IntStream.iterate(LEVELS - 1, bit -> bit >= 0, bit -> bit - 1)
                .mapToObj(bit -> (seconds >> bit & 1) == 1 ? "1." : "0.")
                .collect(Collectors.joining("", "", routingKey));
    }

    /// The routing key that the sender gave.
    static String withoutDelay(String routingKey) {
        return PREFIX.matcher(routingKey).replaceFirst("");
    }

    /// Creates the levels where they do not exist.
    ///
    /// @param queueType of the queues: `quorum`, or `classic`, which loses what it keeps with its
    ///   node
    static void declare(Channel channel, String queueType) throws IOException {
        channel.exchangeDeclare(LAST, BuiltinExchangeType.TOPIC, true);
        for (var level = 0; level < LEVELS; level++) {
            var name = LEVEL + level;
            var next = level == 0 ? LAST : LEVEL + (level - 1);
            channel.exchangeDeclare(name, BuiltinExchangeType.TOPIC, true);
            channel.queueDeclare(name, true, false, false, arguments(level, next, queueType));
            var before = "*.".repeat(LEVELS - 1 - level);
            channel.queueBind(name, name, before + "1.#");
            channel.exchangeBind(next, name, before + "0.#");
        }
    }

    private static Map<String, Object> arguments(int level, String next, String queueType) {
        var arguments = new HashMap<String, Object>();
        arguments.put("x-queue-type", queueType);
        arguments.put("x-message-ttl", Duration.ofSeconds(1L << level).toMillis());
        arguments.put("x-overflow", "reject-publish");
        if (queueType.equals("quorum")) {
            arguments.put("x-dead-letter-strategy", "at-least-once");
        }
        arguments.put("x-dead-letter-exchange", next);
        return arguments;
    }

    /// Lets what has passed the levels reach the queue: by its name and, as Celery does, through an
    /// exchange that is not direct.
    static void bind(Channel channel, Queue queue) throws IOException {
        channel.queueBind(queue.name(), LAST, "#." + queue.name());
        var exchange = queue.exchange();
        if (exchange.type() != Exchange.Type.DIRECT) {
            var key = "#." + queue.routingKey();
            channel.exchangeBind(exchange.name(), LAST, key);
            channel.queueBind(queue.name(), exchange.name(), key);
        }
    }

    /// Whether messages for this queue can be kept back.
    static boolean serve(Queue queue) {
        return "quorum".equals(queue.arguments().get("x-queue-type"))
                && queue.lifetime() == Queue.Lifetime.DURABLE;
    }
}
