package dev.muster.tracing;

import dev.muster.testkit.Servers;
import java.util.Map;

class RedisTracingTest extends TracingContract {
    @Override
    Map<String, Object> settings() {
        return Map.of("broker_url", Servers.redis().url(1));
    }
}
