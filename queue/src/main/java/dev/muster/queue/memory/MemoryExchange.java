package dev.muster.queue.memory;

import dev.muster.queue.spi.Exchange;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// An exchange and its bindings. Guarded by the broker's lock.
final class MemoryExchange {
    private final Exchange declaration;
    private final Set<Binding> bindings = new LinkedHashSet<>();

    MemoryExchange(Exchange declaration) {
        this.declaration = declaration;
    }

    private record Binding(String key, String queue) {}

    Exchange declaration() {
        return declaration;
    }

    void bind(String key, String queue) {
        bindings.add(new Binding(key, queue));
    }

    void unbind(String queue) {
        bindings.removeIf(binding -> binding.queue.equals(queue));
    }

    /// The queues that get a copy, each named once.
    List<String> route(String routingKey) {
        return bindings.stream()
                .filter(binding -> declaration.type().matches(binding.key, routingKey))
                .map(Binding::queue)
                .distinct()
                .toList();
    }
}
