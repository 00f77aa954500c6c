package dev.muster.queue.redis;

import dev.muster.queue.spi.Broker;
import dev.muster.testkit.BrokerContract;
import java.util.List;

class RedisBrokerContractTest extends BrokerContract {
    @Override
    protected Broker openBroker() {
        return Redis.broker();
    }

    @Override
    protected List<Integer> prioritiesByUrgency() {
        return List.of(0, 3, 6, 9);
    }

    /// A queue is a list, which has no properties.
    @Override
    protected boolean remembersProperties() {
        return false;
    }
}
