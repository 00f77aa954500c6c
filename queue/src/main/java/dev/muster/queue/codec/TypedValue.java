package dev.muster.queue.codec;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What JSON has no form for, as kombu 5.3 and later write it: a map of the two keys `__type__` and
/// `__value__` (celery-wire 1.7).
///
/// @param type its name on the wire, such as `datetime`
/// @param text its value; for `uuid` the 32 hexadecimal digits, which go into a map of their own
record TypedValue(String type, String text) {
    static final String TYPE = "__type__";
    static final String VALUE = "__value__";
    static final String HEX = "hex";
    static final String UUID_TYPE = "uuid";

    static boolean isTypedValue(Object value) {
        return switch (value) {
            case OffsetDateTime _, LocalDateTime _, LocalDate _, LocalTime _ -> true;
            case OffsetTime _, BigDecimal _, UUID _, byte[] _ -> true;
            default -> false;
        };
    }

    /// Null for a value that is none of the typed ones.
    static @Nullable TypedValue of(Object value) {
        return switch (value) {
            case OffsetDateTime time -> new TypedValue("datetime", WireTime.format(time));
            case LocalDateTime time -> new TypedValue("datetime", WireTime.format(time));
            case LocalDate date -> new TypedValue("date", WireTime.format(date));
            case LocalTime time -> new TypedValue("time", WireTime.format(time));
            case OffsetTime time -> new TypedValue("time", WireTime.format(time));
            case BigDecimal number -> new TypedValue("decimal", number.toString());
            case UUID uuid -> new TypedValue(UUID_TYPE, uuid.toString().replace("-", ""));
            case byte[] bytes -> ofBytes(bytes);
            default -> null;
        };
    }

    private static TypedValue ofBytes(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return new TypedValue("bytes", text.toString());
        } catch (CharacterCodingException _) {
            return new TypedValue("base64", Base64.getEncoder().encodeToString(bytes));
        }
    }

    /// The bare string that kombu 5.2 writes, and null for a value that is none of the typed ones.
    /// Bytes, which 5.2 cannot write at all, become base64.
    static @Nullable String bareText(Object value) {
        return switch (value) {
            case LocalDate date -> WireTime.format(date.atStartOfDay());
            case UUID uuid -> uuid.toString();
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            default -> {
                var typed = of(value);
                yield typed == null ? null : typed.text;
            }
        };
    }

    /// Whether a map that was read stands for a typed value.
    static boolean isTyped(Map<String, @Nullable Object> map) {
        return map.size() == 2 && map.containsKey(TYPE) && map.containsKey(VALUE);
    }

    /// The value that the map stands for.
    ///
    /// @throws DecodeException when the type is unknown, or the value is not of it
    static Object decode(Map<String, @Nullable Object> map) {
        var type = map.get(TYPE);
        var value = map.get(VALUE);
        var name = text(TYPE, type);
        try {
            return switch (name) {
                case "datetime" -> dateTime(text(name, value));
                case "date" -> Scalars.toDate(WireTime.parseDateTime(text(name, value)));
                case "time" -> WireTime.parseTime(text(name, value));
                case "decimal" -> decimal(text(name, value));
                case UUID_TYPE -> uuid(value);
                case "bytes" -> text(name, value).getBytes(StandardCharsets.UTF_8);
                case "base64" -> Base64.getDecoder().decode(text(name, value));
                default ->
                        throw new DecodeException(
                                "unknown __type__ '" + Scalars.shorten(name) + "'");
            };
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new DecodeException("the value of a typed '%s' is malformed".formatted(name), e);
        }
    }

    private static String text(String type, @Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new DecodeException("the value of a typed '%s' must be a string".formatted(type));
    }

    private static Object dateTime(String text) {
        var time = WireTime.parseDateTime(text);
        return time instanceof LocalDate date ? date.atStartOfDay() : time;
    }

    /// Python's decimals know more than Java's: not a number, and infinite.
    private static Object decimal(String text) {
        return switch (text) {
            case "NaN", "-NaN", "sNaN", "-sNaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> Scalars.toDecimal(text);
        };
    }

    private static UUID uuid(@Nullable Object value) {
        var text =
                value instanceof Map<?, ?> map && map.get(HEX) instanceof String hex
                        ? hex
                        : text(UUID_TYPE, value);
        return Scalars.toUuid(text);
    }
}
