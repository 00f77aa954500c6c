package dev.muster.queue.redis;

import dev.muster.queue.spi.Broker;
import dev.muster.testkit.DelayContract;

class RedisDelayTest extends DelayContract {
    @Override
    protected Broker openBroker() {
        return Redis.broker();
    }
}
