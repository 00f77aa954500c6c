package dev.muster.queue.amqp;

import dev.muster.testkit.CeleryEventContract;
import dev.muster.testkit.Servers;

class AmqpCeleryEventTest extends CeleryEventContract {
    @Override
    protected String brokerUrl() {
        return Servers.rabbit().url() + "//";
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url();
    }
}
