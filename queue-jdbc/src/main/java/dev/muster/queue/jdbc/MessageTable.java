package dev.muster.queue.jdbc;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The rows of `muster_message`: how a message becomes one, and back. Immutable.
final class MessageTable {
    private static final String INSERT =
            """
            INSERT INTO muster_message (queue, priority, expires_at, exchange, routing_key,
              content_type, content_encoding, headers, properties, body, due_at)
            VALUES (:queue, :priority, :now + :expiration, :exchange, :routing_key,
              :content_type, :content_encoding, :headers, :properties, :body,
              CASE WHEN CAST(:due AS bigint) > :now THEN CAST(:due AS bigint) END)
            """;

    /// The columns that [#read] reads.
    static final String COLUMNS =
            """
            id, priority, deliveries,
            CASE WHEN expires_at <= :now THEN 1 ELSE 0 END AS expired,
            exchange, routing_key, content_type, content_encoding, headers, properties, body
            """;

    private final Json json;

    MessageTable(Json json) {
        this.json = json;
    }

    /// A publication with what has to be encoded of it, done before any lock is taken.
    Encoded encode(Publication publication) {
        var message = publication.message();
        var properties = message.properties();
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("correlation_id", properties.correlationId());
        fields.put("reply_to", properties.replyTo());
        fields.put("delivery_mode", properties.persistent() ? 2 : 1);
        fields.put("priority", properties.priority());
        fields.put("expiration", properties.expirationMillis());
        fields.values().removeIf(Objects::isNull);
        return new Encoded(publication, json.writeText(message.headers()), json.writeText(fields));
    }

    /// Adds the message to the batch of [#insert].
    void addTo(Query insert, String queue, Encoded encoded) throws SQLException {
        var publication = encoded.publication;
        var message = publication.message();
        var priority = message.properties().priority();
        insert.set("queue", queue)
                .set("priority", priority == null ? 0 : priority)
                .set("expiration", message.properties().expirationMillis())
                .set("exchange", publication.exchange())
                .set("routing_key", publication.routingKey())
                .set("content_type", message.contentType())
                .set("content_encoding", message.contentEncoding())
                .set("headers", encoded.headers)
                .set("properties", encoded.properties)
                .set("body", message.body())
                .set(
                        "due",
                        publication.notBefore() == null
                                ? null
                                : publication.notBefore().toEpochMilli())
                .addBatch();
    }

    Query insert(Session.Transaction transaction) throws SQLException {
        return transaction.query(INSERT);
    }

    static Row read(ResultSet row) throws SQLException {
        return new Row(
                row.getLong("id"),
                row.getInt("priority"),
                row.getInt("deliveries"),
                row.getInt("expired") == 1,
                row.getString("exchange"),
                row.getString("routing_key"),
                row.getString("content_type"),
                row.getString("content_encoding"),
                row.getString("headers"),
                row.getString("properties"),
                row.getBytes("body"));
    }

    /// The message of a row, or its body alone and what is wrong with the rest.
    Decoded decode(Row row) {
        try {
            var headers = fields("headers", row.headers);
            var properties = fields("properties", row.properties);
            return new Decoded(
                    new Message(
                            row.body,
                            row.contentType,
                            row.contentEncoding,
                            headers,
                            new Message.Properties(
                                    text(properties, "correlation_id"),
                                    text(properties, "reply_to"),
                                    !Long.valueOf(1).equals(number(properties, "delivery_mode")),
                                    integer(number(properties, "priority")),
                                    number(properties, "expiration"))),
                    null);
        } catch (DecodeException | IllegalArgumentException e) {
            return new Decoded(
                    new Message(row.body, null, null, Map.of(), Message.Properties.DEFAULT),
                    "row %d of muster_message is not a message: %s"
                            .formatted(row.id, e.getMessage()));
        }
    }

    private Map<String, @Nullable Object> fields(String column, String text) {
        if (!(json.read(text) instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(column + " must be a JSON object");
        }
        var fields = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((name, value) -> fields.put(String.valueOf(name), value));
        return fields;
    }

    private static @Nullable String text(Map<String, @Nullable Object> fields, String name) {
        return switch (fields.get(name)) {
            case null -> null;
            case String text -> text;
            default -> throw new IllegalArgumentException("property " + name + " must be a text");
        };
    }

    private static @Nullable Long number(Map<String, @Nullable Object> fields, String name) {
        return switch (fields.get(name)) {
            case null -> null;
            case Long number -> number;
            case Integer number -> Long.valueOf(number);
            default ->
                    throw new IllegalArgumentException(
                            "property " + name + " must be a whole number");
        };
    }

    private static @Nullable Integer integer(@Nullable Long number) {
        if (number == null) {
            return null;
        }
        if (number != number.intValue()) {
            throw new IllegalArgumentException("property priority is out of range: " + number);
        }
        return number.intValue();
    }

    /// @param headers as JSON, as are the properties
    record Encoded(Publication publication, String headers, String properties) {
        /// Whether it may have to be kept back; the database's clock decides.
        boolean isForLater() {
            return publication.notBefore() != null;
        }
    }

    /// A row as it was read.
    record Row(
            long id,
            int priority,
            int deliveries,
            boolean expired,
            String exchange,
            String routingKey,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            String headers,
            String properties,
            byte[] body) {}

    /// @param defect why the row could not be read
    record Decoded(Message message, @Nullable String defect) {}
}
