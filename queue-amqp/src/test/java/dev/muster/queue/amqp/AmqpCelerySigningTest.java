package dev.muster.queue.amqp;

import dev.muster.testkit.CelerySigningContract;
import dev.muster.testkit.Servers;

class AmqpCelerySigningTest extends CelerySigningContract {
    @Override
    protected String brokerUrl() {
        return Servers.rabbit().url() + "//";
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url();
    }
}
