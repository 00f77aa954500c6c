package dev.muster.queue.redis;

import dev.muster.testkit.EventContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class RedisEventTest extends EventContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.redis().url());
    }
}
