package dev.muster.queue.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.Temporal;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The single values: which Java types there are, what of the plain tree fits each, and how it is
/// turned into it. A number keeps its value or does not fit; it is never rounded to a whole one.
final class Scalars {
    /// Python refuses longer ones from 4,300 digits on; a limit keeps parsing them cheap.
    static final int MAX_DIGITS = 10_000;

    /// Every whole number up to here is a double of its own.
    private static final double LARGEST_EXACT = 1L << 53;

    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

    private static final Map<Class<?>, Scalar> ALL = new HashMap<>();

    static {
        add(boolean.class, Boolean.class, "true or false", v -> v instanceof Boolean ? v : null);
        add(byte.class, Byte.class, "a whole number (byte)", Scalars::toByte);
        add(short.class, Short.class, "a whole number (short)", Scalars::toShort);
        add(int.class, Integer.class, "a whole number (int)", Scalars::toInt);
        add(long.class, Long.class, "a whole number (long)", Scalars::toLong);
        add(float.class, Float.class, "a number (float)", Scalars::toFloat);
        add(double.class, Double.class, "a number (double)", Scalars::toDouble);
        add(char.class, Character.class, "a text of one character", Scalars::toCharacter);
        add(String.class, "a text", Scalars::toText);
        add(BigInteger.class, "a whole number", Scalars::toBigInteger);
        add(BigDecimal.class, "a decimal number", Scalars::toBigDecimal);
        add(UUID.class, "a UUID", v -> v instanceof String text ? toUuid(text) : null);
        add(byte[].class, "bytes, or their base64", Scalars::toBytes);
        add(Instant.class, "a date and time", v -> orNull(dateTime(v), WireTime::toInstant));
        add(
                Date.class,
                "a date and time",
                v -> orNull(dateTime(v), t -> Date.from(WireTime.toInstant(t))));
        add(OffsetDateTime.class, "a date and time", v -> orNull(dateTime(v), Scalars::toOffset));
        add(
                ZonedDateTime.class,
                "a date and time",
                v -> orNull(dateTime(v), t -> toOffset(t).toZonedDateTime()));
        add(LocalDateTime.class, "a date and time", v -> orNull(dateTime(v), Scalars::toLocal));
        add(LocalDate.class, "a date", v -> orNull(dateTime(v), Scalars::toDate));
        add(LocalTime.class, "a time of day", v -> orNull(time(v), Scalars::toLocalTime));
        add(OffsetTime.class, "a time of day", v -> orNull(time(v), Scalars::toOffsetTime));
        add(Duration.class, "a number of seconds", Scalars::toDuration);
    }

    private Scalars() {}

    /// A type of single values.
    ///
    /// @param expected what is wanted, in words
    record Scalar(Class<?> type, String expected, Reader reader) {
        /// The value as this type, or null when it does not fit.
        @Nullable Object read(Object value) {
            try {
                return reader.read(value);
            } catch (IllegalArgumentException
                    | ArithmeticException
                    | DateTimeException
                    | DecodeException _) {
                return null; // text that is not of the type: it does not fit
            }
        }
    }

    @FunctionalInterface
    interface Reader {
        @Nullable Object read(Object value);
    }

    private interface Step<T> {
        @Nullable Object apply(T value);
    }

    /// Null when `type` is not one of single values.
    static @Nullable Scalar of(Class<?> type) {
        return ALL.get(type);
    }

    static Iterable<Scalar> all() {
        return ALL.values();
    }

    /// How the value is named in a message.
    static String describe(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Boolean _ -> value.toString();
            case Double number -> "the number " + PythonFloat.repr(number);
            case Number _ -> "the number " + shorten(value.toString());
            case String text -> "the text '" + shorten(text) + "'";
            case byte[] bytes -> bytes.length + " bytes";
            case Map<?, ?> _ -> "a map";
            case Iterable<?> _ -> "a list";
            default -> value.getClass().getSimpleName() + " " + shorten(value.toString());
        };
    }

    static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    static BigDecimal toDecimal(String text) {
        if (text.length() > MAX_DIGITS) {
            throw new NumberFormatException("more than " + MAX_DIGITS + " digits");
        }
        return new BigDecimal(text);
    }

    /// With hyphens or without.
    static UUID toUuid(String text) {
        if (text.length() == 32) {
            return UUID.fromString(
                    "%s-%s-%s-%s-%s"
                            .formatted(
                                    text.substring(0, 8),
                                    text.substring(8, 12),
                                    text.substring(12, 16),
                                    text.substring(16, 20),
                                    text.substring(20)));
        }
        return UUID.fromString(text);
    }

    /// @throws DateTimeException when the time is not midnight, which a date cannot keep
    static LocalDate toDate(Temporal time) {
        if (time instanceof LocalDate date) {
            return date;
        }
        var local =
                time instanceof OffsetDateTime withOffset
                        ? withOffset.toLocalDateTime()
                        : (LocalDateTime) time;
        if (!local.toLocalTime().equals(LocalTime.MIDNIGHT)) {
            throw new DateTimeException("a date with a time of day");
        }
        return local.toLocalDate();
    }

    private static void add(Class<?> type, String expected, Reader reader) {
        ALL.put(
                type,
                new Scalar(
                        type,
                        expected,
                        value -> type.isInstance(value) ? value : reader.read(value)));
    }

    private static void add(Class<?> primitive, Class<?> box, String expected, Reader reader) {
        add(box, expected, reader);
        ALL.put(primitive, new Scalar(primitive, expected, reader));
    }

    private static <T> @Nullable Object orNull(@Nullable T value, Step<T> step) {
        return value == null ? null : step.apply(value);
    }

    /// The whole number that the value is, or null.
    private static @Nullable Long toLong(Object value) {
        return switch (value) {
            case Long number -> number;
            case Integer number -> (long) number;
            case Short number -> (long) number;
            case Byte number -> (long) number;
            case BigInteger number -> number.longValueExact();
            case BigDecimal number -> number.longValueExact();
            case Double number when isExact(number) -> number.longValue();
            case Float number when isExact(number) -> number.longValue();
            default -> null;
        };
    }

    private static boolean isExact(double number) {
        return Math.rint(number) == number && Math.abs(number) <= LARGEST_EXACT;
    }

    private static @Nullable Object toByte(Object value) {
        var number = toLong(value);
        return number != null && number == number.byteValue() ? number.byteValue() : null;
    }

    private static @Nullable Object toShort(Object value) {
        var number = toLong(value);
        return number != null && number == number.shortValue() ? number.shortValue() : null;
    }

    private static @Nullable Object toInt(Object value) {
        var number = toLong(value);
        return number != null && number == number.intValue() ? number.intValue() : null;
    }

    private static @Nullable Object toDouble(Object value) {
        if (!(value instanceof Number number)) {
            return null;
        }
        var result = number.doubleValue();
        var overflow =
                Double.isInfinite(result) && !(value instanceof Double || value instanceof Float);
        return overflow ? null : (Object) result;
    }

    private static @Nullable Object toFloat(Object value) {
        if (!(value instanceof Number number)) {
            return null;
        }
        var result = number.floatValue();
        return Float.isInfinite(result) && !Double.isInfinite(number.doubleValue())
                ? null
                : (Object) result;
    }

    private static @Nullable Object toCharacter(Object value) {
        return value instanceof String text && text.length() == 1 ? text.charAt(0) : null;
    }

    /// Typed values become the text as which kombu 5.2 sends them, so that a task need not care
    /// which one did.
    private static @Nullable Object toText(Object value) {
        return switch (value) {
            case Character letter -> letter.toString();
            case LocalDate date -> WireTime.format(date);
            case byte[] _, Number _ when !(value instanceof BigDecimal) -> null;
            default -> TypedValue.bareText(value);
        };
    }

    private static @Nullable Object toBigInteger(Object value) {
        return switch (value) {
            case BigDecimal number when Math.abs((long) number.scale()) > MAX_DIGITS -> null;
            case BigDecimal number -> number.toBigIntegerExact();
            case Double number when isExact(number) -> BigInteger.valueOf(number.longValue());
            case String text when text.length() <= MAX_DIGITS -> new BigInteger(text);
            default -> orNull(toLong(value), BigInteger::valueOf);
        };
    }

    private static @Nullable Object toBigDecimal(Object value) {
        return switch (value) {
            case String text -> toDecimal(text);
            case BigInteger number -> new BigDecimal(number);
            case Double number -> BigDecimal.valueOf(number);
            case Float number -> new BigDecimal(number.toString());
            default -> orNull(toLong(value), BigDecimal::valueOf);
        };
    }

    private static @Nullable Object toBytes(Object value) {
        return value instanceof String text ? Base64.getDecoder().decode(text) : null;
    }

    private static @Nullable Temporal dateTime(Object value) {
        return switch (value) {
            case String text -> WireTime.parseDateTime(text);
            case OffsetDateTime time -> time;
            case LocalDateTime time -> time;
            case LocalDate date -> date;
            case Instant instant -> instant.atOffset(ZoneOffset.UTC);
            case ZonedDateTime time -> time.toOffsetDateTime();
            default -> null;
        };
    }

    private static @Nullable Temporal time(Object value) {
        return switch (value) {
            case String text -> WireTime.parseTime(text);
            case LocalTime time -> time;
            case OffsetTime time -> time;
            default -> null;
        };
    }

    private static OffsetDateTime toOffset(Temporal time) {
        return time instanceof OffsetDateTime withOffset
                ? withOffset
                : WireTime.toInstant(time).atOffset(ZoneOffset.UTC);
    }

    private static LocalDateTime toLocal(Temporal time) {
        return switch (time) {
            case LocalDateTime local -> local;
            default -> LocalDateTime.ofInstant(WireTime.toInstant(time), ZoneOffset.UTC);
        };
    }

    private static LocalTime toLocalTime(Temporal time) {
        return time instanceof OffsetTime withOffset
                ? withOffset.withOffsetSameInstant(ZoneOffset.UTC).toLocalTime()
                : (LocalTime) time;
    }

    private static OffsetTime toOffsetTime(Temporal time) {
        return time instanceof OffsetTime withOffset
                ? withOffset
                : ((LocalTime) time).atOffset(ZoneOffset.UTC);
    }

    private static @Nullable Object toDuration(Object value) {
        return switch (value) {
            case Double number when isExact(number) -> Duration.ofSeconds(number.longValue());
            case Double number -> {
                var nanos = BigDecimal.valueOf(number).multiply(NANOS).toBigInteger();
                var parts = nanos.divideAndRemainder(NANOS.toBigInteger());
                yield Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
            }
            default -> orNull(toLong(value), Duration::ofSeconds);
        };
    }
}
