package dev.muster.testkit.simulation;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import java.util.Set;

/// Connects nodes with their servers.
public final class SimulatedProvider implements BrokerProvider, ResultStoreProvider {
    /// For [java.util.ServiceLoader].
    public SimulatedProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("simulated");
    }

    @Override
    public Broker open(ServiceUrl url, Environment environment) {
        return node(environment).broker();
    }

    @Override
    public ResultStore open(ServiceUrl url, Environment environment, Broker broker) {
        return new NodeStore(node(environment)).results();
    }

    private static Node node(Environment environment) {
        return (Node) environment.clock();
    }
}
