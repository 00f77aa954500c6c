package dev.muster.queue.events;

import dev.muster.queue.codec.ContentRefusedException;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The exchange of events, and the messages on it (celery-wire 8.1).
final class EventWire {
    private final Exchange exchange;
    private final String queuePrefix;
    private final Duration messageTtl;
    private final Duration expires;

    EventWire(Settings settings) {
        this.exchange =
                new Exchange(settings.get(Setting.EVENT_EXCHANGE), Exchange.Type.TOPIC, true);
        this.queuePrefix = settings.get(Setting.EVENT_QUEUE_PREFIX);
        this.messageTtl = settings.get(Setting.EVENT_QUEUE_TTL);
        this.expires = settings.get(Setting.EVENT_QUEUE_EXPIRES);
    }

    Exchange exchange() {
        return exchange;
    }

    /// A receiver's own.
    ///
    /// @param pattern of the events that it wants, `#` for all
    Queue queue(String pattern) {
        return Queue.ofReader(
                queuePrefix + "." + UUID.randomUUID(), exchange, pattern, messageTtl, expires);
    }

    /// @param content an event, or a list of them
    Publication publication(
            Serializers serializers, String routingKey, String node, @Nullable Object content) {
        return new Publication(
                exchange.name(),
                routingKey,
                serializers.eventMessage(content, Map.of("hostname", node)));
    }

    /// The events of a message; none when it holds none. The sender's name may be in the headers
    /// only.
    static List<Event> read(Serializers serializers, Message message) {
        Object content;
        try {
            content = serializers.readEvents(message);
        } catch (DecodeException | ContentRefusedException e) {
            return List.of();
        }
        var items =
                switch (content) {
                    case List<?> list -> list;
                    case Map<?, ?> single -> List.of(single);
                    case null, default -> List.of();
                };
        return items.stream()
                .filter(Map.class::isInstance)
                .map(item -> event((Map<?, ?>) item, message.headers().get("hostname")))
                .filter(event -> !event.type().isEmpty())
                .toList();
    }

    private static Event event(Map<?, ?> item, @Nullable Object sender) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        item.forEach((name, value) -> fields.put(String.valueOf(name), value));
        if (sender != null) {
            fields.putIfAbsent("hostname", sender);
        }
        return new Event(fields.get("type") instanceof String type ? type : "", fields);
    }
}
