package dev.muster.queue.redis;

import dev.muster.testkit.ControlContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class RedisControlTest extends ControlContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.redis().url());
    }
}
