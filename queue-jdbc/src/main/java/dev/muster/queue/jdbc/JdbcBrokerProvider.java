package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.Set;

/// Opens brokers in databases: `sqlite:PATH` and `postgresql://user:password@host:port/database`.
///
/// `broker_transport_options` may have `lease` (15 s): how long a worker that is not heard of keeps
/// its messages.
public final class JdbcBrokerProvider implements BrokerProvider {
    private static final String LEASE = "lease";
    private static final Duration DEFAULT_LEASE = Duration.ofSeconds(15);

    /// For [java.util.ServiceLoader].
    public JdbcBrokerProvider() {}

    @Override
    public Set<String> schemes() {
        return Dialects.SCHEMES;
    }

    @Override
    public Broker open(ServiceUrl url, Environment environment) {
        var options = environment.settings().get(Setting.BROKER_TRANSPORT_OPTIONS);
        options.keySet().stream()
                .filter(name -> !name.equals(LEASE))
                .findFirst()
                .ifPresent(name -> {
                    throw new SettingsException(
                            "broker_transport_options: '%s' is unknown for %s:; known is '%s'"
                                    .formatted(name, url.scheme(), LEASE));
                });
        var option = options.get(LEASE);
        return new JdbcBroker(
                Dialects.of(url, environment),
                option == null ? DEFAULT_LEASE : lease(option),
                "process " + ProcessHandle.current().pid());
    }

    private static Duration lease(Object option) {
        try {
            return Setting.toDuration(option);
        } catch (IllegalArgumentException e) {
            throw new SettingsException("broker_transport_options: lease: " + e.getMessage(), e);
        }
    }
}
