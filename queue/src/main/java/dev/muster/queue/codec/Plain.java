package dev.muster.queue.codec;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Turns Java values into the plain tree.
final class Plain {
    /// How deep lists and maps may be nested, when reading and when writing. A value that contains
    /// itself ends here as well.
    static final int MAX_DEPTH = 500;

    private static final double NANOS_PER_SECOND = 1e9;

    private Plain() {}

    /// The whole value as a plain tree; a copy, but for what was plain already.
    static @Nullable Object tree(@Nullable Object value) {
        return tree(value, 0);
    }

    private static @Nullable Object tree(@Nullable Object value, int depth) {
        return switch (top(value)) {
            case Map<?, ?> map -> {
                checkDepth(depth);
                var copy = LinkedHashMap.<String, @Nullable Object>newLinkedHashMap(map.size());
                for (var entry : map.entrySet()) {
                    copy.put(key(entry.getKey()), tree(entry.getValue(), depth + 1));
                }
                yield copy;
            }
            case Collection<?> items -> {
                checkDepth(depth);
                var copy = new ArrayList<@Nullable Object>(items.size());
                for (var item : items) {
                    copy.add(tree(item, depth + 1));
                }
                yield copy;
            }
            case null -> null;
            case Object leaf -> leaf;
        };
    }

    static void checkDepth(int depth) {
        if (depth >= MAX_DEPTH) {
            throw new EncodeException(
                    "the value is nested deeper than %d levels, or contains itself"
                            .formatted(MAX_DEPTH));
        }
    }

    /// The key of a map as it is written: always a string.
    static String key(@Nullable Object key) {
        return switch (key) {
            case String text -> text;
            case Enum<?> constant -> constant.name();
            case null -> "null";
            default -> key.toString();
        };
    }

    /// The value as a plain one, not looking into maps and collections: those come back as they
    /// are, for the caller to walk.
    static @Nullable Object top(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String _, Boolean _, Long _, Double _, BigInteger _, BigDecimal _ -> value;
            case Integer number -> (long) number;
            case Short number -> (long) number;
            case Byte number -> (long) number;
            case Float number ->
                    Double.valueOf(number.toString()); // 0.1f is 0.1, not 0.10000000149
            case AtomicInteger number -> number.longValue();
            case AtomicLong number -> number.longValue();
            case CharSequence text -> text.toString();
            case Character letter -> letter.toString();
            case Map<?, ?> _, Collection<?> _, byte[] _ -> value;
            case Enum<?> constant -> constant.name();
            case Optional<?> optional -> top(optional.orElse(null));
            case OptionalInt optional ->
                    optional.isPresent() ? (Object) (long) optional.getAsInt() : null;
            case OptionalLong optional ->
                    optional.isPresent() ? (Object) optional.getAsLong() : null;
            case OptionalDouble optional ->
                    optional.isPresent() ? (Object) optional.getAsDouble() : null;
            case Instant instant -> WireTime.atUtc(instant);
            case ZonedDateTime time -> time.toOffsetDateTime();
            case Date date -> WireTime.atUtc(instant(date));
            case Duration duration -> seconds(duration);
            case Object[] items -> Arrays.asList(items);
            case int[] items -> Arrays.stream(items).boxed().toList();
            case long[] items -> Arrays.stream(items).boxed().toList();
            case double[] items -> Arrays.stream(items).boxed().toList();
            case boolean[] items -> boxed(items);
            case short[] items -> boxed(items);
            case float[] items -> boxed(items);
            case char[] items -> boxed(items);
            default -> TypedValue.isTypedValue(value) ? value : Beans.toPlain(value);
        };
    }

    @SuppressWarnings("JavaUtilDate") // not toInstant(), which java.sql.Date refuses
    private static Instant instant(Date date) {
        return Instant.ofEpochMilli(date.getTime());
    }

    private static Object seconds(Duration duration) {
        return duration.getNano() == 0
                ? (Object) duration.getSeconds()
                : (Object) (duration.getSeconds() + duration.getNano() / NANOS_PER_SECOND);
    }

    private static List<Object> boxed(Object array) {
        var length = Array.getLength(array);
        var items = new ArrayList<Object>(length);
        for (var index = 0; index < length; index++) {
            items.add(Array.get(array, index));
        }
        return items;
    }
}
