package dev.muster.queue.amqp;

import dev.muster.testkit.BroadcastContract;
import dev.muster.testkit.Servers;

class AmqpBroadcastTest extends BroadcastContract {
    @Override
    protected String url() {
        return Servers.rabbit().url();
    }
}
