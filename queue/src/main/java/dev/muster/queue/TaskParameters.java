package dev.muster.queue;

import dev.muster.queue.codec.ConversionException;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The parameters of a task's method, and the binding of a call's arguments to them by Python's
/// rules.
final class TaskParameters {
    private final List<Slot> slots;
    private final List<Slot> positional;
    private final Map<String, Slot> named;
    private final @Nullable Slot rest;
    private final @Nullable Slot kwargs;

    private TaskParameters(List<Slot> slots) {
        this.slots = slots;
        this.positional = slots.stream().filter(slot -> slot.kind == Kind.VALUE).toList();
        this.named =
                positional.stream()
                        .collect(
                                Collectors.toMap(
                                        slot -> slot.name,
                                        slot -> slot,
                                        (a, b) -> a,
                                        LinkedHashMap::new));
        this.rest = slots.stream().filter(slot -> slot.kind == Kind.REST).findFirst().orElse(null);
        this.kwargs =
                slots.stream().filter(slot -> slot.kind == Kind.KWARGS).findFirst().orElse(null);
    }

    /// @throws NotATaskException when a parameter cannot be filled from a message
    static TaskParameters of(Method method) {
        return of(method, TaskContext.class);
    }

    /// @param contextType of the parameter that is no argument
    /// @throws NotATaskException when a parameter cannot be filled from a message
    static TaskParameters of(Method method, Class<?> contextType) {
        var slots = new ArrayList<Slot>();
        var parameters = method.getParameters();
        for (var index = 0; index < parameters.length; index++) {
            slots.add(slot(index, parameters[index], contextType));
        }
        return new TaskParameters(List.copyOf(slots));
    }

    private static Slot slot(int index, Parameter parameter, Class<?> contextType) {
        var type = parameter.getParameterizedType();
        var name = parameter.getName();
        if (parameter.getType() == contextType) {
            return new Slot(index, name, Kind.CONTEXT, type, Absent.REQUIRED, null);
        }
        if (parameter.isAnnotationPresent(Kwargs.class)) {
            if (parameter.getType() != Map.class) {
                throw new NotATaskException(
                        "@Kwargs stands on a parameter of type Map<String, …>, not on '%s' of %s"
                                .formatted(name, parameter.getDeclaringExecutable()));
            }
            return new Slot(index, name, Kind.KWARGS, type, Absent.REQUIRED, null);
        }
        if (parameter.isVarArgs()) {
            return new Slot(index, name, Kind.REST, componentType(type), Absent.REQUIRED, null);
        }
        var byDefault = parameter.getAnnotation(Default.class);
        if (byDefault != null) {
            return new Slot(index, name, Kind.VALUE, type, Absent.DEFAULT, byDefault.value());
        }
        if (parameter.getType() == Optional.class) {
            return new Slot(index, name, Kind.VALUE, type, Absent.EMPTY, null);
        }
        return new Slot(
                index,
                name,
                Kind.VALUE,
                type,
                isNullable(parameter) ? Absent.NULL : Absent.REQUIRED,
                null);
    }

    private static Type componentType(Type type) {
        return type instanceof GenericArrayType array
                ? array.getGenericComponentType()
                : ((Class<?>) type).getComponentType();
    }

    /// Any annotation of this name will do, as every library of them means the same.
    private static boolean isNullable(Parameter parameter) {
        return Arrays.stream(parameter.getAnnotations())
                        .anyMatch(annotation ->
                                annotation.annotationType().getSimpleName().equals("Nullable"))
                || Arrays.stream(parameter.getAnnotatedType().getAnnotations())
                        .anyMatch(annotation ->
                                annotation.annotationType().getSimpleName().equals("Nullable"));
    }

    /// The names of the parameters that positional arguments are for, in order.
    List<String> names() {
        return positional.stream().map(slot -> slot.name).toList();
    }

    /// The values for the method's parameters, in order.
    ///
    /// @param context for the parameter that is no argument
    /// @throws TaskArgumentException worded as Python words its TypeError
    @Nullable Object[] bind(
            String task,
            Object context,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> keywords,
            Json json) {
        var values = new @Nullable Object[slots.size()];
        var filled = new boolean[slots.size()];
        bindPositional(task, args, values, filled, json);
        bindKeywords(task, keywords, values, filled, json);
        for (var slot : slots) {
            if (!filled[slot.index]) {
                values[slot.index] =
                        slot.kind == Kind.CONTEXT
                                ? context
                                : slot.absent(task, json, missing(filled));
            }
        }
        return values;
    }

    private void bindPositional(
            String task,
            List<@Nullable Object> args,
            @Nullable Object[] values,
            boolean[] filled,
            Json json) {
        var count = Math.min(args.size(), positional.size());
        for (var index = 0; index < count; index++) {
            var slot = positional.get(index);
            values[slot.index] = slot.convert(task, args.get(index), json);
            filled[slot.index] = true;
        }
        if (rest != null) {
            var extra = args.subList(count, args.size());
            var array = Array.newInstance(rawType(rest.type), extra.size());
            for (var index = 0; index < extra.size(); index++) {
                Array.set(array, index, rest.convert(task, extra.get(index), json));
            }
            values[rest.index] = array;
            filled[rest.index] = true;
        } else if (args.size() > positional.size()) {
            throw new TaskArgumentException(
                    "%s() takes %d positional argument%s but %d %s given"
                            .formatted(
                                    task,
                                    positional.size(),
                                    positional.size() == 1 ? "" : "s",
                                    args.size(),
                                    args.size() == 1 ? "was" : "were"));
        }
    }

    private void bindKeywords(
            String task,
            Map<String, @Nullable Object> keywords,
            @Nullable Object[] values,
            boolean[] filled,
            Json json) {
        var others = new LinkedHashMap<String, @Nullable Object>();
        keywords.forEach((name, value) -> {
            var slot = named.get(name);
            if (slot == null) {
                others.put(name, value);
            } else if (filled[slot.index]) {
                throw new TaskArgumentException(
                        "%s() got multiple values for argument '%s'".formatted(task, name));
            } else {
                values[slot.index] = slot.convert(task, value, json);
                filled[slot.index] = true;
            }
        });
        if (kwargs != null) {
            values[kwargs.index] = kwargs.convert(task, others, json);
            filled[kwargs.index] = true;
        } else if (!others.isEmpty()) {
            var name = others.keySet().iterator().next();
            throw new TaskArgumentException(
                    "%s() got an unexpected keyword argument '%s'%s"
                            .formatted(
                                    task,
                                    name,
                                    hasNames()
                                            ? ""
                                            : "; compile the task's class with -parameters"));
        }
    }

    /// Whether a call without arguments binds.
    boolean areOptional() {
        return slots.stream()
                .noneMatch(slot -> slot.kind == Kind.VALUE && slot.absent == Absent.REQUIRED);
    }

    private boolean hasNames() {
        return positional.stream().noneMatch(slot -> slot.name.matches("arg\\d+"));
    }

    private List<String> missing(boolean[] filled) {
        return positional.stream()
                .filter(slot -> !filled[slot.index] && slot.absent == Absent.REQUIRED)
                .map(slot -> "'" + slot.name + "'")
                .toList();
    }

    private static Class<?> rawType(Type type) {
        return type instanceof Class<?> raw
                ? raw
                : (Class<?>) ((ParameterizedType) type).getRawType();
    }

    @Override
    public String toString() {
        return slots.stream()
                .filter(slot -> slot.kind != Kind.CONTEXT)
                .map(Slot::toString)
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private enum Kind {
        CONTEXT,
        VALUE,
        REST,
        KWARGS
    }

    /// What happens to a parameter for which a call has no argument.
    private enum Absent {
        REQUIRED,
        DEFAULT,
        EMPTY,
        NULL
    }

    /// One parameter of the method.
    private record Slot(
            int index, String name, Kind kind, Type type, Absent absent, @Nullable String text) {
        @Nullable Object convert(String task, @Nullable Object value, Json json) {
            try {
                return json.convert(value, type);
            } catch (ConversionException e) {
                throw new TaskArgumentException(
                        "%s() argument '%s': %s".formatted(task, name, e.getMessage()), e);
            }
        }

        @Nullable Object absent(String task, Json json, List<String> missing) {
            return switch (absent) {
                case DEFAULT -> convert(task, defaultValue(json), json);
                case EMPTY -> Optional.empty();
                case NULL ->
                        type instanceof Class<?> raw && raw.isPrimitive()
                                ? convert(task, null, json)
                                : null;
                case REQUIRED ->
                        throw new TaskArgumentException(
                                "%s() missing %d required positional argument%s: %s"
                                        .formatted(
                                                task,
                                                missing.size(),
                                                missing.size() == 1 ? "" : "s",
                                                String.join(" and ", missing)));
            };
        }

        private @Nullable Object defaultValue(Json json) {
            if (type == String.class || text == null) {
                return text;
            }
            try {
                return json.read(text);
            } catch (DecodeException e) {
                return text; // no JSON, so it is plain text: the name of an enum constant, a date
            }
        }

        @Override
        public String toString() {
            return type.getTypeName().replaceAll("(\\w+[.$])+", "")
                    + (kind == Kind.REST ? "... " : " ")
                    + name
                    + (text == null ? "" : "=" + text);
        }
    }
}
