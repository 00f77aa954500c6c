package dev.muster.queue.redis;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import java.util.Set;

/// Opens Redis result stores. Public because [java.util.ServiceLoader] asks for it.
///
/// Reads the settings `result_backend_transport_options` (`global_keyprefix`, `socket_timeout`,
/// `socket_connect_timeout`, `result_chord_ordered`), `redis_socket_timeout`,
/// `redis_socket_connect_timeout`, `result_expires`, `redis_backend_use_ssl` and
/// `broker_connection_timeout`.
public final class RedisResultStoreProvider implements ResultStoreProvider {
    @Override
    public Set<String> schemes() {
        return RedisServers.SCHEMES;
    }

    @Override
    public ResultStore open(ServiceUrl url, Environment environment, Broker broker) {
        var settings = environment.settings();
        var options =
                TransportOptions.of(
                        "result_backend_transport_options",
                        settings.get(Setting.RESULT_BACKEND_TRANSPORT_OPTIONS),
                        settings.get(Setting.REDIS_SOCKET_TIMEOUT));
        var servers =
                RedisServers.of(
                        url,
                        options.connectTimeout()
                                .or(() -> settings.get(Setting.REDIS_SOCKET_CONNECT_TIMEOUT))
                                .orElse(settings.get(Setting.BROKER_CONNECTION_TIMEOUT)),
                        options.socketTimeout(),
                        settings,
                        Setting.REDIS_BACKEND_USE_SSL);
        return new RedisResultStore(
                servers,
                options.resultPrefix(),
                settings.get(Setting.RESULT_EXPIRES),
                options.orderedChords(),
                settings);
    }
}
