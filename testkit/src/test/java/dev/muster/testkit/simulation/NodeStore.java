package dev.muster.testkit.simulation;

import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.RateStore;
import dev.muster.queue.spi.ResultStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The result store of a [Server] as a node sees it: each method is a call over a network, but
/// those that only tell what the store is, and those that wait, which outlive lost connections.
final class NodeStore {
    private static final Set<String> LOCAL =
            Set.of("await", "description", "isShared", "replyAddress", "toString");

    private NodeStore() {}

    static ResultStore of(Server server) {
        return networked(ResultStore.class, server.store(), server);
    }

    private static <T> T networked(Class<T> type, T target, Server server) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) ->
                                switch (method.getName()) {
                                    case "close" -> null;
                                    case "groups" -> part(GroupStore.class, method, target, server);
                                    case "claims" -> part(ClaimStore.class, method, target, server);
                                    case "rates" -> part(RateStore.class, method, target, server);
                                    case String name when LOCAL.contains(name) ->
                                            invoke(method, target, arguments);
                                    default ->
                                            server.callStore(
                                                    () -> invoke(method, target, arguments));
                                }));
    }

    private static <P> Optional<P> part(
            Class<P> type, Method method, Object target, Server server) {
        return ((Optional<?>) invoke(method, target, null))
                .map(part -> networked(type, type.cast(part), server));
    }

    private static Object invoke(
            Method method, Object target, @Nullable Object @Nullable [] arguments) {
        try {
            method.setAccessible(true);
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
