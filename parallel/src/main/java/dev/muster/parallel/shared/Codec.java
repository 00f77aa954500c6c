package dev.muster.parallel.shared;

import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/// Makes bytes of values of one type, and back. Thread-safe.
final class Codec<T> {
    private final Class<T> type;
    private final Values values;
    private final String owner;

    /// @param owner what holds the values, for messages
    /// @param filter what else may be made of bytes, besides the type
    Codec(Class<T> type, String owner, TypeFilter filter) {
        if (type.isPrimitive()) {
            throw new IllegalArgumentException(
                    "%s holds objects; name the class of those, such as Integer.class, not %s.class"
                            .formatted(owner, type));
        }
        this.type = type;
        this.owner = owner;
        this.values = new Values(loader(type), and(filter, List.of(type)), null);
    }

    /// Who knows the type, and so most likely what its values hold.
    static ClassLoader loader(Class<?> type) {
        var loader = type.getClassLoader();
        if (loader == null) {
            loader = Thread.currentThread().getContextClassLoader();
        }
        return Objects.requireNonNullElseGet(loader, ClassLoader::getSystemClassLoader);
    }

    /// The filter with more classes.
    static TypeFilter and(TypeFilter filter, List<Class<?>> types) {
        var patterns = new ArrayList<>(filter.patterns());
        for (Class<?> type : types) {
            while (type.isArray()) {
                type = type.getComponentType();
            }
            patterns.add(type.getName());
        }
        return new TypeFilter(patterns);
    }

    String typeName() {
        return type.getName();
    }

    /// @throws IllegalArgumentException when it cannot be made bytes
    byte[] pack(T value) {
        try {
            return values.pack(type.cast(Objects.requireNonNull(value, "value"))).body();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s cannot hold this: %s".formatted(owner, e.getMessage()), e);
        }
    }

    /// The same for a key, which is found by its bytes. So only those are taken of which equal ones
    /// always have the same bytes.
    byte[] packKey(T key) {
        if (!(key instanceof String
                || key instanceof Integer
                || key instanceof Long
                || key instanceof Double
                || key instanceof Boolean
                || key instanceof Enum<?>
                || key instanceof UUID
                || key instanceof byte[])) {
            throw new IllegalArgumentException(
                    "keys are String, Integer, Long, Double, Boolean, UUID, byte[] or an enum; make a text of this %s"
                            .formatted(key.getClass().getName()));
        }
        return pack(key);
    }

    /// @throws ManagerException when they make no value here
    T unpack(byte[] bytes) {
        try {
            return type.cast(Objects.requireNonNull(values.unpack(Packed.of(bytes)), "value"));
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw new ManagerException(
                    "a value of %s cannot be read here: %s; SharedClient.connect takes a TypeFilter with more classes"
                            .formatted(owner, e),
                    e);
        }
    }
}
