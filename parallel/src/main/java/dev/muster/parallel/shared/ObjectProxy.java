package dev.muster.parallel.shared;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.SubstituteException;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Stands in for an object of the manager's program.
final class ObjectProxy implements InvocationHandler {
    private final Connection connection;
    private final int number;
    private final String name;
    private final Duration limit;
    private final Values values;

    private ObjectProxy(
            Connection connection, int number, String name, Duration limit, Values values) {
        this.connection = connection;
        this.number = number;
        this.name = name;
        this.limit = limit;
        this.values = values;
    }

    /// @param limit how long a call may take
    /// @param filter what results and exceptions may be made of, besides what the methods declare
    static <T> T of(
            Class<T> type,
            Connection connection,
            int number,
            String name,
            Duration limit,
            TypeFilter filter) {
        var declared = new ArrayList<Class<?>>();
        declared.add(SubstituteException.class);
        for (var method : type.getMethods()) {
            declared.add(method.getReturnType());
            declared.addAll(Arrays.asList(method.getExceptionTypes()));
        }
        var values = new Values(Codec.loader(type), Codec.and(filter, declared), null);
        var handler = new ObjectProxy(connection, number, name, limit, values);
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        var given = arguments == null ? new Object[0] : arguments;
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" ->
                        given[0] != null
                                && Proxy.isProxyClass(given[0].getClass())
                                && equals(Proxy.getInvocationHandler(given[0]));
                case "hashCode" -> hashCode();
                default -> "shared object '%s' at %s".formatted(name, connection.peer());
            };
        }
        var result = call(method, pack(method, given)).content();
        if (result.readByte() == ObjectResource.RETURNED) {
            return unpack(method, result.readBytes());
        }
        throw thrown(method, result.readText(), result.readText(), result.readBytes());
    }

    private byte[] pack(Method method, Object[] arguments) {
        try {
            return values.packAll(arguments).body();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s.%s: %s".formatted(name, method.getName(), e.getMessage()), e);
        }
    }

    private Connection.Reply call(Method method, byte[] arguments) throws InterruptedException {
        try {
            return callOrGiveUp(method, arguments);
        } catch (InterruptedException e) {
            if (declares(method, e)) {
                throw e;
            }
            Thread.currentThread().interrupt();
            throw new SharedObjectException(
                    "the thread was interrupted, so %s.%s was not waited for"
                            .formatted(name, method.getName()),
                    "",
                    e);
        }
    }

    private Connection.Reply callOrGiveUp(Method method, byte[] arguments)
            throws InterruptedException {
        Consumer<ByteSink> content =
                frame -> {
                    Frames.writeText(frame, ObjectResource.signature(method));
                    Frames.writeBytes(frame, arguments);
                };
        var reply =
                Frames.nanos(limit) == Frames.FOR_EVER
                        ? connection.await(Verb.CALL, number, content)
                        : connection.awaitWithin(limit, Verb.CALL, number, content);
        if (reply == null) {
            throw new SharedObjectException(
                    "%s.%s has not ended after %d ms; it was interrupted"
                            .formatted(name, method.getName(), limit.toMillis()),
                    "",
                    null);
        }
        return reply;
    }

    private @Nullable Object unpack(Method method, byte[] bytes) {
        try {
            return values.unpack(Packed.of(bytes));
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw new SharedObjectException(
                    "the result of %s.%s cannot be read here: %s; SharedClient.connect takes a TypeFilter with more classes"
                            .formatted(name, method.getName(), e),
                    "",
                    e);
        }
    }

    private Throwable thrown(Method method, String described, String trace, byte[] bytes) {
        Throwable cause = null;
        try {
            cause = values.unpack(Packed.of(bytes)) instanceof Throwable known ? known : null;
        } catch (IOException | ClassNotFoundException | RuntimeException _) {
            // Its text has to do.
        }
        if (cause instanceof RuntimeException
                || cause instanceof Error
                || (cause != null && declares(method, cause))) {
            return cause;
        }
        return new SharedObjectException(
                "%s.%s threw %s".formatted(name, method.getName(), described), trace, cause);
    }

    private static boolean declares(Method method, Throwable thrown) {
        return Arrays.stream(method.getExceptionTypes()).anyMatch(type -> type.isInstance(thrown));
    }
}
