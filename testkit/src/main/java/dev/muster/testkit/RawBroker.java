package dev.muster.testkit;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;

/// A broker without client and worker, for those who send and read messages by hand.
final class RawBroker {
    private RawBroker() {}

    /// The broker that the settings name.
    static Broker open(Map<String, Object> values) {
        var settings = Settings.DEFAULT.withAll(values);
        var url = ServiceUrl.parse(String.valueOf(values.get("broker_url")));
        return ServiceLoader.load(BrokerProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains(url.scheme()))
                .findAny()
                .orElseThrow()
                .open(url, Environment.of(settings));
    }

    /// Takes messages from a queue and puts each back several times: what a shovel does that
    /// stumbles, or an operator who restores what was not lost.
    ///
    /// @param most how many messages at the most
    /// @param copies of each
    /// @param patience how long to wait for the first, and for each that follows
    /// @param before told the task's id of each before it is there more than once
    static void multiply(
            Broker broker,
            String queue,
            int most,
            int copies,
            Duration patience,
            Consumer<String> before) {
        var seen = new HashSet<String>();
        try (var consumer = broker.consume(Set.of(Queue.named(queue)), most)) {
            while (seen.size() < most) {
                var deliveries = consumer.take(most - seen.size(), patience);
                if (deliveries.isEmpty()) {
                    return;
                }
                for (var delivery : deliveries) {
                    var id = String.valueOf(delivery.message().headers().get("id"));
                    if (!seen.add(id)) {
                        delivery.reject(true);
                        return; // it is one of the copies
                    }
                    before.accept(id);
                    var copy =
                            new Publication(
                                    delivery.exchange(), delivery.routingKey(), delivery.message());
                    broker.publish(List.copyOf(Collections.nCopies(copies, copy)));
                    delivery.ack();
                }
            }
        }
    }
}
