package dev.muster.queue.redis;

import dev.muster.testkit.CeleryWorkflowContract;
import dev.muster.testkit.Servers;

class RedisCeleryWorkflowTest extends CeleryWorkflowContract {
    private static final int DATABASE = 802;

    @Override
    protected String brokerUrl() {
        return Servers.redis().url(DATABASE);
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url(DATABASE);
    }
}
