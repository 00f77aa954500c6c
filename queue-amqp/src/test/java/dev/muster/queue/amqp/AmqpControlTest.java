package dev.muster.queue.amqp;

import dev.muster.testkit.ControlContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class AmqpControlTest extends ControlContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.rabbit().url() + "//");
    }
}
