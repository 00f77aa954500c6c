package dev.muster.queue.redis;

import dev.muster.testkit.CeleryControlContract;
import dev.muster.testkit.Servers;

class RedisCeleryControlTest extends CeleryControlContract {
    @Override
    protected String brokerUrl() {
        return Servers.redis().url();
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url();
    }
}
