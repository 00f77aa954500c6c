package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import java.util.Set;

/// Opens schedules in databases: `sqlite:PATH` and `postgresql://user:password@host:port/database`.
public final class JdbcScheduleStoreProvider implements ScheduleStoreProvider {
    /// For [java.util.ServiceLoader].
    public JdbcScheduleStoreProvider() {}

    @Override
    public Set<String> schemes() {
        return Dialects.SCHEMES;
    }

    @Override
    public ScheduleStore open(ServiceUrl url, Environment environment) {
        return new JdbcScheduleStore(Dialects.of(url, environment));
    }
}
