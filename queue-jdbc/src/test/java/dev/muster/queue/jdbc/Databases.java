package dev.muster.queue.jdbc;

import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/// Opens what the tests need, as the application would.
final class Databases {
    private Databases() {}

    static Broker broker(String url) {
        return broker(url, Settings.DEFAULT);
    }

    static Broker broker(String url, Duration lease) {
        return broker(
                url,
                Settings.DEFAULT.with(
                        "broker_transport_options", Map.of("lease", lease.toMillis() + "ms")));
    }

    private static Broker broker(String url, Settings settings) {
        return new JdbcBrokerProvider().open(ServiceUrl.parse(url), Environment.of(settings));
    }

    static ResultStore store(String url, Duration expires) {
        var settings = Settings.DEFAULT.with("result_expires", expires);
        var environment = Environment.of(settings);
        return new JdbcResultStoreProvider()
                .open(
                        ServiceUrl.parse(url),
                        environment,
                        new MemoryBrokerProvider().open(ServiceUrl.parse("memory:"), environment));
    }

    static Publication publication(Queue queue, String text) {
        return publication(queue, text, Message.Properties.DEFAULT);
    }

    static Publication publication(Queue queue, String text, Message.Properties properties) {
        return new Publication(
                "",
                queue.name(),
                new Message(
                        text.getBytes(StandardCharsets.UTF_8),
                        "text/plain",
                        "utf-8",
                        Map.of(),
                        properties));
    }
}
