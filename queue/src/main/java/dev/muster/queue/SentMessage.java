package dev.muster.queue;

import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A message on its way from a worker to a child process, with how it came to the worker.
///
/// @param softLimit after which the child reminds the task to end; null for never
record SentMessage(
        byte[] body,
        @Nullable String contentType,
        @Nullable String contentEncoding,
        LinkedHashMap<String, @Nullable Object> headers,
        @Nullable String correlationId,
        @Nullable String replyTo,
        boolean persistent,
        @Nullable Integer priority,
        @Nullable Long expirationMillis,
        String exchange,
        String routingKey,
        boolean redelivered,
        @Nullable Duration softLimit)
        implements Serializable {
    static SentMessage of(Delivery delivery, Optional<Duration> softLimit) {
        var message = delivery.message();
        var properties = message.properties();
        return new SentMessage(
                message.body(),
                message.contentType(),
                message.contentEncoding(),
                new LinkedHashMap<>(message.headers()),
                properties.correlationId(),
                properties.replyTo(),
                properties.persistent(),
                properties.priority(),
                properties.expirationMillis(),
                delivery.exchange(),
                delivery.routingKey(),
                delivery.redelivered(),
                softLimit.orElse(null));
    }

    Message message() {
        return new Message(
                body,
                contentType,
                contentEncoding,
                headers,
                new Message.Properties(
                        correlationId, replyTo, persistent, priority, expirationMillis));
    }

    DeliveryInfo delivery() {
        return new DeliveryInfo(exchange, routingKey, priority, redelivered);
    }
}
