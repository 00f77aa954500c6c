package dev.muster.queue.redis;

import dev.muster.testkit.CeleryEventContract;
import dev.muster.testkit.Servers;

class RedisCeleryEventTest extends CeleryEventContract {
    @Override
    protected String brokerUrl() {
        return Servers.redis().url();
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url();
    }
}
