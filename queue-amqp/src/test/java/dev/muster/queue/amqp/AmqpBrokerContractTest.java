package dev.muster.queue.amqp;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.BrokerContract;
import dev.muster.testkit.Servers;
import java.util.List;
import java.util.Map;

class AmqpBrokerContractTest extends BrokerContract {
    @Override
    protected Broker openBroker() {
        return Brokers.open(Servers.rabbit().url());
    }

    @Override
    protected List<Integer> prioritiesByUrgency() {
        return List.of(9, 5, 0);
    }

    @Override
    protected Queue queueWithPriorities(String name) {
        return Queue.named(name).withArguments(Map.of("x-max-priority", 10));
    }
}
