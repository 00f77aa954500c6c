package dev.muster.parallel.shared;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An object of the manager's program, of which clients can call the methods of one interface.
final class ObjectResource implements Resource {
    static final byte RETURNED = 0;
    static final byte THREW = 1;

    private final Object object;
    private final Values values;
    private final Map<String, Method> methods;

    /// @param filter what arguments may be made of
    ObjectResource(Class<?> type, Object object, TypeFilter filter) {
        this.object = object;
        this.values = new Values(Codec.loader(type), filter, null);
        this.methods =
                Arrays.stream(type.getMethods())
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .filter(Method::trySetAccessible) // also of an interface that is not public
                        .collect(
                                Collectors.toMap(
                                        ObjectResource::signature,
                                        method -> method,
                                        (first, _) -> first, // inherited in two ways
                                        TreeMap::new));
    }

    /// How a method is called on the wire.
    static String signature(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(Class::getName)
                .collect(Collectors.joining(",", method.getName() + "(", ")"));
    }

    @Override
    public void perform(Verb verb, FrameReader arguments, Caller caller, ByteSink result) {
        if (verb != Verb.CALL) {
            throw Resource.unknown(Kind.OBJECT, verb);
        }
        var signature = arguments.readText();
        var method = methods.get(signature);
        if (method == null) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "there is no method %s; there are: %s"
                            .formatted(signature, String.join(", ", methods.keySet())));
        }
        try {
            var returned = values.pack(invoke(method, unpack(method, arguments)));
            result.write(RETURNED);
            Frames.writeBytes(result, returned.body());
        } catch (InvocationTargetException e) {
            writeThrown(result, Objects.requireNonNullElse(e.getCause(), e));
        } catch (IOException e) {
            throw Status.FAILED.refuse("the result of %s: %s".formatted(signature, e.getMessage()));
        }
    }

    private @Nullable Object[] unpack(Method method, FrameReader arguments) {
        try {
            return values.unpackAll(Packed.of(arguments.readBytes()));
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "the arguments of %s cannot be read: %s"
                            .formatted(method.getName(), e.getMessage()));
        }
    }

    private @Nullable Object invoke(Method method, @Nullable Object[] arguments)
            throws InvocationTargetException {
        try {
            return method.invoke(object, arguments);
        } catch (IllegalArgumentException e) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "%s: %s".formatted(method.getName(), e.getMessage()));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e); // it was made accessible
        }
    }

    private void writeThrown(ByteSink result, Throwable thrown) {
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        result.write(THREW);
        Frames.writeText(result, thrown.toString());
        Frames.writeText(result, trace.toString());
        Frames.writeBytes(result, values.packThrown(thrown).body());
    }
}
