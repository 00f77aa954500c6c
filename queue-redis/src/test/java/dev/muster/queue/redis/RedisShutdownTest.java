package dev.muster.queue.redis;

import dev.muster.testkit.Servers;
import dev.muster.testkit.ShutdownContract;
import java.util.Map;

class RedisShutdownTest extends ShutdownContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.redis().url(), "result_backend", Servers.redis().url());
    }
}
