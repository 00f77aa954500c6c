package dev.muster.queue.amqp;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ServiceUrl;
import java.util.Set;

/// Opens `amqp://user:password@host:5672/vhost`, `amqps://` and Python's `pyamqp://`.
public final class AmqpBrokerProvider implements BrokerProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("amqp", "amqps", "pyamqp");
    }

    @Override
    public Broker open(ServiceUrl url, Environment environment) {
        return new AmqpBroker(
                new ConnectionOpener(url, environment.settings()), environment.clock());
    }
}
