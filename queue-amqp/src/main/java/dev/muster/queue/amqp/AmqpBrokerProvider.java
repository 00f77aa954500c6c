package dev.muster.queue.amqp;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import java.util.Set;

/// Opens `amqp://user:password@host:5672/vhost`, `amqps://` and Python's `pyamqp://`.
public final class AmqpBrokerProvider implements BrokerProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("amqp", "amqps", "pyamqp");
    }

    @Override
    public Broker open(ServiceUrl url, Environment environment) {
        var settings = environment.settings();
        return new AmqpBroker(
                new ConnectionOpener(url, settings),
                environment.clock(),
                settings.get(Setting.BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE));
    }
}
