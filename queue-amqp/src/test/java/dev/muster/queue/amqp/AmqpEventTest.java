package dev.muster.queue.amqp;

import dev.muster.testkit.EventContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class AmqpEventTest extends EventContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.rabbit().url() + "//");
    }
}
