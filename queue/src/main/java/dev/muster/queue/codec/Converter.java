package dev.muster.queue.codec;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns plain values into Java types. What most tasks take (single values, lists, sets, maps,
/// arrays, optionals of those) is done here, without starting the object mapper; records and other
/// classes are left to [Beans].
final class Converter {
    private static final Set<Class<?>> LISTS =
            Set.of(
                    Iterable.class,
                    Collection.class,
                    SequencedCollection.class,
                    List.class,
                    ArrayList.class);
    private static final Set<Class<?>> SETS =
            Set.of(Set.class, SequencedSet.class, HashSet.class, LinkedHashSet.class);
    private static final Set<Class<?>> MAPS =
            Set.of(Map.class, SequencedMap.class, HashMap.class, LinkedHashMap.class);

    private Converter() {}

    static @Nullable Object convert(@Nullable Object value, Type target) {
        try {
            return to(value, target);
        } catch (Mismatch e) {
            throw new ConversionException(e.path(), e.detail, e.getCause());
        }
    }

    private static @Nullable Object to(@Nullable Object value, Type target) {
        return switch (target) {
            case Class<?> type -> toClass(value, type);
            case ParameterizedType type -> toGeneric(value, type);
            case GenericArrayType type -> toGenericArray(value, type.getGenericComponentType());
            case WildcardType type -> to(value, type.getUpperBounds()[0]);
            case TypeVariable<?> type -> toClass(value, rawType(type.getBounds()[0]));
            default -> throw new Mismatch("cannot convert to " + target.getTypeName(), null);
        };
    }

    private static @Nullable Object toClass(@Nullable Object value, Class<?> type) {
        if (value == null) {
            return toNull(type);
        }
        if (type.isInstance(value)) {
            return value;
        }
        if (value instanceof Long number) {
            if (type == long.class) {
                return number;
            }
            var small = number.intValue();
            if ((type == int.class || type == Integer.class) && small == number) {
                return small;
            }
        }
        var scalar = Scalars.of(type);
        if (scalar != null) {
            var result = scalar.read(value);
            if (result == null) {
                throw mismatch(scalar.expected(), value);
            }
            return result;
        }
        if (type.isEnum()) {
            return toEnum(value, type);
        }
        if (type.isArray()) {
            return toArray(value, type.getComponentType(), type.getComponentType());
        }
        if (type == Optional.class) {
            return Optional.of(value);
        }
        if (SETS.contains(type)) {
            return toCollection(value, new LinkedHashSet<>(), Object.class);
        }
        return Beans.fromPlain(value, type);
    }

    private static @Nullable Object toGeneric(@Nullable Object value, ParameterizedType target) {
        var type = (Class<?>) target.getRawType();
        var arguments = target.getActualTypeArguments();
        if (type == Optional.class) {
            return value == null ? Optional.empty() : Optional.ofNullable(to(value, arguments[0]));
        }
        if (value == null) {
            return toNull(type);
        }
        if (LISTS.contains(type)) {
            return toCollection(value, new ArrayList<>(), arguments[0]);
        }
        if (SETS.contains(type)) {
            return toCollection(value, new LinkedHashSet<>(), arguments[0]);
        }
        if (MAPS.contains(type) && rawType(arguments[0]).isAssignableFrom(String.class)) {
            return toMap(value, arguments[1]);
        }
        return Beans.fromPlain(value, target);
    }

    private static @Nullable Object toNull(Class<?> type) {
        if (type.isPrimitive()) {
            var scalar = Scalars.of(type);
            throw mismatch(scalar == null ? "nothing" : scalar.expected(), null);
        }
        return type == Optional.class ? Optional.empty() : null;
    }

    private static Object toEnum(Object value, Class<?> type) {
        if (value instanceof String name) {
            for (var constant : type.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(name)) {
                    return constant;
                }
            }
        }
        throw mismatch("one of " + Arrays.toString(type.getEnumConstants()), value);
    }

    private static Object toCollection(
            Object value, Collection<@Nullable Object> target, Type itemType) {
        var items = items(value);
        if (target instanceof ArrayList<?> list) {
            list.ensureCapacity(items.size());
        }
        var index = 0;
        for (var item : items) {
            target.add(item(item, itemType, index++));
        }
        return target;
    }

    private static @Nullable Object toGenericArray(@Nullable Object value, Type itemType) {
        return value == null ? null : toArray(value, rawType(itemType), itemType);
    }

    private static Object toArray(Object value, Class<?> itemClass, Type itemType) {
        var items = items(value);
        var array = Array.newInstance(itemClass, items.size());
        var index = 0;
        for (var item : items) {
            Array.set(array, index, item(item, itemType, index));
            index++;
        }
        return array;
    }

    private static Collection<?> items(Object value) {
        if (value instanceof Collection<?> items) {
            return items;
        }
        throw mismatch("a list", value);
    }

    private static @Nullable Object item(@Nullable Object item, Type type, int index) {
        try {
            return to(item, type);
        } catch (Mismatch e) {
            throw e.within("[" + index + "]");
        }
    }

    private static Object toMap(Object value, Type valueType) {
        if (!(value instanceof Map<?, ?> map)) {
            throw mismatch("a map", value);
        }
        var target = LinkedHashMap.<String, @Nullable Object>newLinkedHashMap(map.size());
        for (var entry : map.entrySet()) {
            var key = Plain.key(entry.getKey());
            try {
                target.put(key, to(entry.getValue(), valueType));
            } catch (Mismatch e) {
                throw e.within("." + key);
            }
        }
        return target;
    }

    static Class<?> rawType(Type type) {
        return switch (type) {
            case Class<?> c -> c;
            case ParameterizedType p -> (Class<?>) p.getRawType();
            case GenericArrayType a -> rawType(a.getGenericComponentType()).arrayType();
            case WildcardType w -> rawType(w.getUpperBounds()[0]);
            case TypeVariable<?> v -> rawType(v.getBounds()[0]);
            default -> Object.class;
        };
    }

    private static Mismatch mismatch(String expected, @Nullable Object found) {
        return new Mismatch(
                "expected %s, found %s".formatted(expected, Scalars.describe(found)), null);
    }

    /// A mismatch on its way up to the whole value, collecting the path to itself.
    static final class Mismatch extends RuntimeException {
        private final StringBuilder path = new StringBuilder();
        private final String detail;

        Mismatch(String detail, @Nullable Throwable cause) {
            super(detail, cause, false, false); // control flow: its stack is of no interest
            this.detail = detail;
        }

        Mismatch within(String step) {
            path.insert(0, step);
            return this;
        }

        /// A property at the very top is `price`, not `.price`.
        private String path() {
            return !path.isEmpty() && path.charAt(0) == '.' ? path.substring(1) : path.toString();
        }
    }
}
