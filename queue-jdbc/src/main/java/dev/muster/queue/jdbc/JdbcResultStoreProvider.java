package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import java.util.Set;

/// Opens result stores in databases: `sqlite:PATH` and
/// `postgresql://user:password@host:port/database`.
public final class JdbcResultStoreProvider implements ResultStoreProvider {
    /// For [java.util.ServiceLoader].
    public JdbcResultStoreProvider() {}

    @Override
    public Set<String> schemes() {
        return Dialects.SCHEMES;
    }

    @Override
    public ResultStore open(ServiceUrl url, Environment environment, Broker broker) {
        return new JdbcResultStore(
                Dialects.of(url, environment),
                environment.settings().get(Setting.RESULT_EXPIRES).orElse(null));
    }
}
