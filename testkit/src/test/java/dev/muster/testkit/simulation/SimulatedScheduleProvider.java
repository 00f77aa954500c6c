package dev.muster.testkit.simulation;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import java.util.Set;

/// Connects beats with the schedule of their server.
public final class SimulatedScheduleProvider implements ScheduleStoreProvider {
    /// For [java.util.ServiceLoader].
    public SimulatedScheduleProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("simulated");
    }

    @Override
    public ScheduleStore open(ServiceUrl url, Environment environment) {
        return new NodeStore((Node) environment.clock()).schedule();
    }
}
