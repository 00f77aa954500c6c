package dev.muster.queue.amqp;

import dev.muster.testkit.HostileControlContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class AmqpHostileControlTest extends HostileControlContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.rabbit().url() + "//");
    }
}
