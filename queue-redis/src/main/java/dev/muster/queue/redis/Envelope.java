package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A message as it lies in a list of Redis: one JSON object (celery-wire 3.2).
///
/// @param defect why it could not be read, if so; the body is then what was found
record Envelope(
        Message message,
        String exchange,
        String routingKey,
        boolean redelivered,
        Optional<String> defect) {

    private static final Json JSON = new Json(true);

    /// The header by which `take.lua` marks what it had to wrap. The body then has one character
    /// per byte.
    private static final String DEFECT = "muster_defect";

    /// Of larger ones only the end is parsed to mark them as redelivered: to parse all takes
    /// several times their memory.
    private static final int LARGEST_TO_PARSE = 64 << 20;

    /// How many bytes that is. Names longer than this leave the message unmarked.
    static final int LENGTH_OF_END = 64 << 10;

    private static final byte[] END = "\"}}".getBytes(StandardCharsets.US_ASCII);

    /// A message ready to be sent, but for its delivery tag. Each copy gets a tag of its own.
    record Draft(byte[] start) {
        byte[] finish() {
            return tagged().text();
        }

        Tagged tagged() {
            var tag = UUID.randomUUID().toString();
            var text = new ByteArrayOutputStream(start.length + 40);
            text.writeBytes(start);
            text.writeBytes(tag.getBytes(StandardCharsets.US_ASCII));
            text.writeBytes(END);
            return new Tagged(tag, text.toByteArray());
        }
    }

    /// An envelope and the delivery tag in it.
    record Tagged(String tag, byte[] text) {}

    /// Writes the fields in kombu's order, of which the delivery tag is the last.
    ///
    /// @throws EncodeException when a header cannot be written as JSON
    static Draft write(Publication publication) {
        var message = publication.message();
        var given = message.properties();
        var properties = new LinkedHashMap<String, @Nullable Object>();
        putIfPresent(properties, "correlation_id", given.correlationId());
        putIfPresent(properties, "reply_to", given.replyTo());
        properties.put("delivery_mode", given.persistent() ? 2 : 1);
        var expiration = given.expirationMillis();
        putIfPresent(properties, "expiration", expiration == null ? null : expiration.toString());
        var info = new LinkedHashMap<String, Object>();
        info.put("exchange", publication.exchange());
        info.put("routing_key", publication.routingKey());
        properties.put("delivery_info", info);
        properties.put("priority", Objects.requireNonNullElse(given.priority(), 0));
        properties.put("body_encoding", "base64");
        properties.put("delivery_tag", "");
        var envelope = new LinkedHashMap<String, @Nullable Object>();
        envelope.put("body", Base64.getEncoder().encodeToString(message.body()));
        envelope.put("content-encoding", message.contentEncoding());
        envelope.put("content-type", message.contentType());
        envelope.put("headers", message.headers());
        envelope.put("properties", properties);
        var text = JSON.write(envelope);
        return new Draft(Arrays.copyOf(text, text.length - END.length));
    }

    private static void putIfPresent(
            Map<String, @Nullable Object> map, String name, @Nullable Object value) {
        if (value != null) {
            map.put(name, value);
        }
    }

    /// Never throws: what cannot be read has a defect.
    ///
    /// @param queue where it was found, for an envelope that does not say where it was sent
    /// @param largest how many bytes are parsed at the most
    static Envelope read(byte[] text, String queue, long largest) {
        if (text.length > largest) {
            return defective(
                    text,
                    queue,
                    "the envelope has %d bytes, more than message_max_bytes allows"
                            .formatted(text.length));
        }
        try {
            return read(map("the envelope", JSON.read(text)), queue);
        } catch (DecodeException | IllegalArgumentException e) {
            return defective(text, queue, String.valueOf(e.getMessage()));
        }
    }

    private static Envelope read(Map<?, ?> envelope, String queue) {
        var headers = new LinkedHashMap<String, @Nullable Object>();
        var given = envelope.get("headers");
        if (given != null) {
            map("headers", given).forEach((name, value) -> headers.put((String) name, value));
        }
        var properties = map("properties", envelope.get("properties"));
        if (headers.get(DEFECT) instanceof String defect
                && envelope.get("body") instanceof String bytes) {
            return defective(bytes.getBytes(ISO_8859_1), queue, defect);
        }
        var info = properties.get("delivery_info") instanceof Map<?, ?> map ? map : Map.of();
        var redelivered = Boolean.TRUE.equals(info.get("redelivered"));
        if (redelivered) {
            // Written by the transport beside the other, and no header of the sender's.
            headers.remove("redelivered");
        }
        var message =
                new Message(
                        body(envelope.get("body"), properties.get("body_encoding")),
                        text(envelope.get("content-type")),
                        text(envelope.get("content-encoding")),
                        headers,
                        new Message.Properties(
                                text(properties.get("correlation_id")),
                                text(properties.get("reply_to")),
                                !(properties.get("delivery_mode") instanceof Long mode
                                        && mode == 1),
                                priority(properties),
                                number(properties.get("expiration"))));
        var exchange = text(info.get("exchange"));
        var routingKey = text(info.get("routing_key"));
        return new Envelope(
                message,
                exchange == null || routingKey == null ? "" : exchange,
                exchange == null || routingKey == null ? queue : routingKey,
                redelivered || Boolean.TRUE.equals(headers.get("redelivered")),
                Optional.empty());
    }

    private static Envelope defective(byte[] text, String queue, String reason) {
        var message = new Message(text, null, null, Map.of(), Message.Properties.DEFAULT);
        return new Envelope(message, "", queue, false, Optional.of(reason));
    }

    private static byte[] body(@Nullable Object body, @Nullable Object encoding) {
        if (!(body instanceof String text)) {
            throw new DecodeException("the body of the envelope is not a string");
        }
        if (encoding == null) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        if (encoding.equals("base64")) {
            // Lenient as Python's decoder, which skips line breaks.
            return Base64.getMimeDecoder().decode(text);
        }
        throw new DecodeException("the envelope has an unknown body_encoding");
    }

    private static Map<?, ?> map(String name, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new DecodeException(name + " must be a map");
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }

    private static @Nullable Integer priority(Map<?, ?> properties) {
        var number = number(properties.get("priority"));
        return number == null ? null : Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// A whole number, given as such or as text; null for anything else.
    private static @Nullable Long number(@Nullable Object value) {
        try {
            return switch (value) {
                case Long number -> number;
                case String text -> Long.valueOf(text);
                case null, default -> null;
            };
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /// What goes back into a list: the same, marked as redelivered, unknown fields kept. What
    /// cannot be read, or not be written again, goes back as it is.
    ///
    /// @param priority of the message, which chooses its list
    record Restored(byte[] text, long priority) {}

    static Restored restored(byte[] text) {
        if (text.length > LARGEST_TO_PARSE) {
            var start = text.length - LENGTH_OF_END;
            var end = restoredEnd(Arrays.copyOfRange(text, start, text.length));
            var whole = Arrays.copyOf(text, start + end.text.length);
            System.arraycopy(end.text, 0, whole, start, end.text.length);
            return new Restored(whole, end.priority);
        }
        try {
            return JSON.read(text) instanceof Map<?, ?> envelope
                    ? restored(envelope)
                    : new Restored(text, 0);
        } catch (DecodeException | EncodeException e) {
            return new Restored(text, 0);
        }
    }

    /// The same for the end of an envelope, which is marked only if it is as kombu and we write it,
    /// with the address, the priority and the delivery tag; and there alone, not in the headers.
    static Restored restoredEnd(byte[] end) {
        var start = new String(end, ISO_8859_1).lastIndexOf(" \"delivery_info\": {");
        if (start < 0 || end[end.length - 1] != '}') {
            return new Restored(end, 0);
        }
        // Without the brace that closes the envelope.
        var properties = Arrays.copyOfRange(end, start, end.length - 1);
        properties[0] = '{';
        try {
            if (!(JSON.read(properties) instanceof Map<?, ?> map)
                    || !map.containsKey("delivery_tag")) {
                return new Restored(end, 0);
            }
            var marked = JSON.write(withMarkedAddress(map));
            var text = new ByteArrayOutputStream(end.length + 40);
            text.write(end, 0, start);
            text.write(' ');
            text.write(marked, 1, marked.length - 1);
            text.write('}');
            return new Restored(text.toByteArray(), priorityOf(map));
        } catch (DecodeException | EncodeException e) {
            return new Restored(end, 0);
        }
    }

    private static Restored restored(Map<?, ?> envelope) {
        var copy = copy(envelope);
        copy.computeIfPresent("headers", (_, headers) -> marked(headers));
        var priority = 0L;
        if (copy.get("properties") instanceof Map<?, ?> properties) {
            priority = priorityOf(properties);
            copy.put("properties", withMarkedAddress(properties));
        }
        return new Restored(JSON.write(copy), priority);
    }

    private static long priorityOf(Map<?, ?> properties) {
        return Objects.requireNonNullElse(number(properties.get("priority")), 0L);
    }

    private static Map<String, @Nullable Object> withMarkedAddress(Map<?, ?> properties) {
        var copy = copy(properties);
        copy.computeIfPresent("delivery_info", (_, info) -> marked(info));
        return copy;
    }

    private static Object marked(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        var copy = copy(map);
        copy.put("redelivered", true);
        return copy;
    }

    private static LinkedHashMap<String, @Nullable Object> copy(Map<?, ?> map) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((name, value) -> copy.put((String) name, value));
        return copy;
    }
}
