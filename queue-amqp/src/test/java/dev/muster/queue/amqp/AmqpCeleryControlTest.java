package dev.muster.queue.amqp;

import dev.muster.testkit.CeleryControlContract;
import dev.muster.testkit.Servers;

class AmqpCeleryControlTest extends CeleryControlContract {
    @Override
    protected String brokerUrl() {
        return Servers.rabbit().url() + "//";
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url();
    }
}
