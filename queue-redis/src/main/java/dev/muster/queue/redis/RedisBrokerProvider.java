package dev.muster.queue.redis;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import java.util.Set;

/// Opens Redis brokers. Public because [java.util.ServiceLoader] asks for it.
///
/// Reads the settings `broker_transport_options` (see [TransportOptions]), `broker_use_ssl` and
/// `broker_connection_timeout`.
public final class RedisBrokerProvider implements BrokerProvider {
    @Override
    public Set<String> schemes() {
        return RedisServers.SCHEMES;
    }

    @Override
    public Broker open(ServiceUrl url, Environment environment) {
        var settings = environment.settings();
        var options =
                TransportOptions.of(
                        "broker_transport_options", settings.get(Setting.BROKER_TRANSPORT_OPTIONS));
        var servers =
                RedisServers.of(
                        url,
                        options.connectTimeout()
                                .orElse(settings.get(Setting.BROKER_CONNECTION_TIMEOUT)),
                        options.socketTimeout(),
                        settings,
                        Setting.BROKER_USE_SSL);
        return new RedisBroker(servers, options, environment);
    }
}
