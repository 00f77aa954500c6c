package dev.muster.queue.redis;

import dev.muster.testkit.CelerySigningContract;
import dev.muster.testkit.Servers;

class RedisCelerySigningTest extends CelerySigningContract {
    @Override
    protected String brokerUrl() {
        return Servers.redis().url();
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url();
    }
}
