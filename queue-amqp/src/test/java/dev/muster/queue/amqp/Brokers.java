package dev.muster.queue.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What the tests of this room say often.
final class Brokers {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private Brokers() {}

    static Broker open(String url) {
        return open(url, Settings.DEFAULT);
    }

    static Broker open(String url, Settings settings) {
        return new AmqpBrokerProvider().open(ServiceUrl.parse(url), Environment.of(settings));
    }

    static Queue newQueue() {
        return Queue.named("q-" + UUID.randomUUID());
    }

    static Message message(String text) {
        return message(text, Message.Properties.DEFAULT);
    }

    static Message message(String text, Message.Properties properties) {
        return new Message(text.getBytes(UTF_8), "application/json", "utf-8", Map.of(), properties);
    }

    static Publication to(Queue queue, String text) {
        return new Publication("", queue.name(), message(text));
    }

    static String text(Delivery delivery) {
        return new String(delivery.message().body(), UTF_8);
    }

    /// Takes one after the other until there are so many.
    static List<Delivery> takeExactly(Consumer consumer, int count) {
        var taken = new ArrayList<Delivery>();
        while (taken.size() < count) {
            var more = consumer.take(count - taken.size(), PATIENCE);
            if (more.isEmpty()) {
                throw new AssertionError("%d of %d messages came".formatted(taken.size(), count));
            }
            taken.addAll(more);
        }
        return taken;
    }
}
