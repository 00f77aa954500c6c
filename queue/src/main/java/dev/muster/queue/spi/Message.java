package dev.muster.queue.spi;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A message as every broker carries it: properties, headers and an opaque body.
///
/// Header values are those that all transports share: `String`, `Boolean`, `Integer`, `Long`,
/// `Double`, `null`, `List` and `Map` of these (celery-wire 1.3). A message that arrives may lack
/// the content type; whether that matters is for the reader of the body to decide.
///
/// @param body the encoded content; owned by the message, neither side changes it
/// @param contentType for example `application/json`
/// @param contentEncoding for example `utf-8` or `binary`
/// @param headers owned by the message as well
public record Message(
        byte[] body,
        @Nullable String contentType,
        @Nullable String contentEncoding,
        Map<String, @Nullable Object> headers,
        Properties properties) {

    // Written out, because javac 25 loses the inner @Nullable of a compact constructor's parameter
    // in the class file, and other modules could then not pass a map with null values.
    public Message(
            byte[] body,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            Map<String, @Nullable Object> headers,
            Properties properties) {
        this.body = Objects.requireNonNull(body, "body");
        this.contentType = contentType;
        this.contentEncoding = contentEncoding;
        this.headers = Collections.unmodifiableMap(headers);
        this.properties = Objects.requireNonNull(properties, "properties");
    }

    /// The same with other headers.
    public Message withHeaders(Map<String, @Nullable Object> values) {
        return new Message(body, contentType, contentEncoding, values, properties);
    }

    /// The properties that mean something to a broker.
    ///
    /// @param correlationId the task's id; `rpc://` results are told apart by it
    /// @param replyTo the queue that answers go to
    /// @param persistent whether the message survives a restart of the broker (delivery mode 2)
    /// @param priority as the sender gave it; what is urgent differs by broker (RabbitMQ: 9, Redis:
    ///   0)
    /// @param expirationMillis after which the broker may drop the message unread
    public record Properties(
            @Nullable String correlationId,
            @Nullable String replyTo,
            boolean persistent,
            @Nullable Integer priority,
            @Nullable Long expirationMillis) {

        /// Persistent, and nothing else said.
        public static final Properties DEFAULT = new Properties(null, null, true, null, null);
    }
}
