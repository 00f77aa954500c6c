package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.muster.queue.spi.Message;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The properties of a message between our form and the client library's.
final class MessageProperties {
    private static final int TRANSIENT = 1;
    private static final int PERSISTENT = 2;
    private static final int MAX_PRIORITY = 255;
    private static final Pattern MILLISECONDS = Pattern.compile("\\d{1,18}");

    private MessageProperties() {}

    static BasicProperties write(Message message) {
        var properties = message.properties();
        var expiration = properties.expirationMillis();
        var priority = properties.priority();
        return new BasicProperties.Builder()
                .contentType(message.contentType())
                .contentEncoding(message.contentEncoding())
                .headers(HeaderTable.write(message.headers()))
                .deliveryMode(properties.persistent() ? PERSISTENT : TRANSIENT)
                .priority(priority == null ? null : Math.clamp(priority, 0, MAX_PRIORITY))
                .correlationId(properties.correlationId())
                .replyTo(properties.replyTo())
                // Python writes a deadline that has passed as 0 as well.
                .expiration(expiration == null ? null : Long.toString(Math.max(0, expiration)))
                .build();
    }

    static Message read(BasicProperties properties, byte[] body) {
        return new Message(
                body,
                properties.getContentType(),
                properties.getContentEncoding(),
                HeaderTable.read(properties.getHeaders()),
                new Message.Properties(
                        properties.getCorrelationId(),
                        properties.getReplyTo(),
                        Objects.equals(properties.getDeliveryMode(), PERSISTENT),
                        properties.getPriority(),
                        milliseconds(properties.getExpiration())));
    }

    private static @Nullable Long milliseconds(@Nullable String expiration) {
        return expiration != null && MILLISECONDS.matcher(expiration).matches()
                ? Long.valueOf(expiration)
                : null;
    }
}
