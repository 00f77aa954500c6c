package dev.muster.queue.amqp;

import dev.muster.testkit.CeleryBeatContract;
import dev.muster.testkit.Servers;

class AmqpCeleryBeatTest extends CeleryBeatContract {
    @Override
    protected String brokerUrl() {
        return Servers.rabbit().url() + "//";
    }
}
