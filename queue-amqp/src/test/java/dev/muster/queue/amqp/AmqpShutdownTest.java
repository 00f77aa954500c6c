package dev.muster.queue.amqp;

import dev.muster.testkit.Servers;
import dev.muster.testkit.ShutdownContract;
import java.util.Map;

class AmqpShutdownTest extends ShutdownContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.rabbit().url(), "result_backend", "rpc://");
    }
}
