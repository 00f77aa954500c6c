package dev.muster.queue.memory;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ServiceUrl;
import java.util.Set;

/// Opens brokers for `memory:`. Each is a world of its own; publishers and consumers that shall
/// meet use the same one.
public final class MemoryBrokerProvider implements BrokerProvider {
    /// For [java.util.ServiceLoader].
    public MemoryBrokerProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("memory");
    }

    @Override
    public Broker open(ServiceUrl url, Environment environment) {
        return new MemoryBroker(environment.clock());
    }
}
