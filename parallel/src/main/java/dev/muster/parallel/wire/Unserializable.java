package dev.muster.parallel.wire;

import java.io.NotSerializableException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the part of a value that cannot be made bytes. What Java's own exception says is only the
/// class of it.
final class Unserializable {
    private record Place(String path, Object value) {}

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ArrayDeque<Place> open = new ArrayDeque<>();

    private Unserializable() {}

    /// An exception that says where the culprit is.
    static NotSerializableException explain(Object root, NotSerializableException thrown) {
        var place = new Unserializable().find(root);
        var described =
                place == null
                        ? "a part of it is a " + thrown.getMessage()
                        : place.path().isEmpty()
                                ? "a " + place.value().getClass().getName()
                                : "%s is a %s"
                                        .formatted(
                                                place.path(), place.value().getClass().getName());
        var explained =
                new NotSerializableException(
                        described
                                + ", which is not Serializable; send plain data instead, or make the field transient");
        explained.initCause(thrown);
        return explained;
    }

    /// The same exception for one of several arguments.
    static NotSerializableException inArgument(int number, NotSerializableException thrown) {
        var explained =
                new NotSerializableException(
                        "argument %d: %s".formatted(number, thrown.getMessage()));
        explained.initCause(thrown.getCause());
        return explained;
    }

    /// Breadth first, so that the shortest path is told.
    private @Nullable Place find(Object root) {
        visit("", root);
        for (var place = open.poll(); place != null; place = open.poll()) {
            if (!(place.value() instanceof Serializable)) {
                return place;
            }
            visitParts(place);
        }
        return null;
    }

    private void visit(String path, @Nullable Object value) {
        if (value != null && !Values.hasStandIn(value) && seen.add(value)) {
            open.add(new Place(path, value));
        }
    }

    private void visitParts(Place place) {
        switch (place.value()) {
            case String _, Number _, Boolean _, Enum<?> _, Class<?> _ -> {}
            case Object[] array -> {
                for (var index = 0; index < array.length; index++) {
                    visit("%s[%d]".formatted(place.path(), index), array[index]);
                }
            }
            case Collection<?> collection -> {
                var index = 0;
                for (var element : collection) {
                    visit("%s[%d]".formatted(place.path(), index++), element);
                }
            }
            case Map<?, ?> map -> {
                for (var entry : map.entrySet()) {
                    visit("key %s of %s".formatted(entry.getKey(), place.path()), entry.getKey());
                    visit("%s[%s]".formatted(place.path(), entry.getKey()), entry.getValue());
                }
            }
            default -> {
                if (!visitLambda(place)) {
                    visitFields(place);
                }
            }
        }
    }

    /// What a lambda has captured has no name.
    private boolean visitLambda(Place place) {
        var lambda = Lambdas.describe(place.value());
        if (lambda == null) {
            return false;
        }
        for (var index = 0; index < lambda.getCapturedArgCount(); index++) {
            visit(
                    "%sthe value %d that the lambda in %s uses"
                            .formatted(
                                    place.path().isEmpty() ? "" : place.path() + ": ",
                                    index + 1,
                                    owner(lambda)),
                    lambda.getCapturedArg(index));
        }
        return true;
    }

    private static String owner(SerializedLambda lambda) {
        return lambda.getCapturingClass().replace('/', '.');
    }

    private void visitFields(Place place) {
        for (Class<?> type = place.value().getClass();
                type != null && Serializable.class.isAssignableFrom(type);
                type = type.getSuperclass()) {
            for (var field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())
                        && !Modifier.isTransient(field.getModifiers())
                        && !field.getType().isPrimitive()
                        && field.trySetAccessible()) {
                    visit(join(place.path(), field.getName()), get(field, place.value()));
                }
            }
        }
    }

    private static String join(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static @Nullable Object get(Field field, Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e); // it was made accessible
        }
    }
}
