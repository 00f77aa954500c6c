package dev.muster.queue.redis;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.Servers;
import java.util.Map;
import java.util.ServiceLoader;

/// Opens brokers and stores as an application does: by URL.
final class Redis {
    private Redis() {}

    /// A broker on the shared server.
    static Broker broker() {
        return broker(Servers.redis().url(), Map.of());
    }

    static Broker broker(String url, Map<String, Object> options) {
        var settings = Settings.DEFAULT.with("broker_transport_options", options);
        return broker(url, Environment.of(settings));
    }

    static Broker broker(String url, Environment environment) {
        var parsed = ServiceUrl.parse(url);
        return ServiceLoader.load(BrokerProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains(parsed.scheme()))
                .findAny()
                .orElseThrow()
                .open(parsed, environment);
    }

    static ResultStore store(String url, Settings settings) {
        var parsed = ServiceUrl.parse(url);
        return ServiceLoader.load(ResultStoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains(parsed.scheme()))
                .findAny()
                .orElseThrow()
                .open(parsed, Environment.of(settings), broker());
    }
}
