package dev.muster.testkit.simulation;

import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.RateStore;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The stores of a [Server] as one node sees them: each method is a call over a network, but those
/// that only tell what the store is, and those that wait, which outlive lost connections.
final class NodeStore {
    private static final Set<String> LOCAL =
            Set.of("await", "description", "isShared", "replyAddress", "toString");

    private final Node node;
    private final Server server;

    NodeStore(Node node) {
        this.node = node;
        this.server = node.broker().server();
    }

    ResultStore results() {
        return networked(ResultStore.class, server.store());
    }

    ScheduleStore schedule() {
        return networked(ScheduleStore.class, server.schedule());
    }

    private <T> T networked(Class<T> type, T target) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) ->
                                switch (method.getName()) {
                                    case "close" -> null;
                                    case "groups" -> part(GroupStore.class, method, target);
                                    case "claims" -> part(ClaimStore.class, method, target);
                                    case "rates" -> part(RateStore.class, method, target);
                                    case String name when LOCAL.contains(name) ->
                                            invoke(method, target, arguments);
                                    default -> call(method, target, arguments);
                                }));
    }

    private <P> Optional<P> part(Class<P> type, Method method, Object target) {
        return ((Optional<?>) Objects.requireNonNull(invoke(method, target, null)))
                .map(part -> networked(type, type.cast(part)));
    }

    private @Nullable Object call(
            Method method, Object target, @Nullable Object @Nullable [] arguments) {
        try {
            return server.callStore(() -> {
                var answer = invoke(method, target, arguments);
                observe(method.getName(), target, arguments, answer);
                return answer;
            });
        } catch (ResultStoreException e) {
            node.harmed();
            if (target instanceof ClaimStore && method.getName().equals("release")) {
                server.ledger().onceOnly().releaseLost((String) argument(arguments, 1));
            }
            throw target instanceof ScheduleStore
                    ? new ScheduleStoreException(String.valueOf(e.getMessage()), e)
                    : e;
        }
    }

    private void observe(
            String method,
            Object target,
            @Nullable Object @Nullable [] arguments,
            @Nullable Object answer) {
        var onceOnly = server.ledger().onceOnly();
        if (target instanceof ClaimStore) {
            var key = (String) argument(arguments, 0);
            var owner = (String) argument(arguments, 1);
            if (method.equals("release")) {
                onceOnly.released(key, owner);
            } else if (owner.equals(answer)) {
                onceOnly.claimed(key, owner, node);
            }
        } else if (method.equals("store")) {
            onceOnly.stored((ResultRecord) argument(arguments, 0));
        }
    }

    private static Object argument(@Nullable Object @Nullable [] arguments, int index) {
        return Objects.requireNonNull(Objects.requireNonNull(arguments)[index]);
    }

    private static @Nullable Object invoke(
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
