package dev.muster.queue.redis;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import java.util.Map;
import java.util.Set;

/// Opens schedules in Redis. Public because [java.util.ServiceLoader] asks for it.
///
/// Reads the settings `broker_connection_timeout` and `broker_use_ssl`, and of
/// `broker_transport_options` the `global_keyprefix` and the timeouts.
public final class RedisScheduleStoreProvider implements ScheduleStoreProvider {
    @Override
    public Set<String> schemes() {
        return RedisServers.SCHEMES;
    }

    @Override
    public ScheduleStore open(ServiceUrl url, Environment environment) {
        var settings = environment.settings();
        // Another broker's options are none of ours.
        var broker = ServiceUrl.parse(settings.get(Setting.BROKER_URL)).scheme();
        if (!schemes().contains(broker)) {
            settings =
                    settings.with(Setting.BROKER_TRANSPORT_OPTIONS.name(), Map.of())
                            .with(Setting.BROKER_USE_SSL.name(), Map.of());
        }
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
        return new RedisScheduleStore(servers, options.globalKeyPrefix());
    }
}
