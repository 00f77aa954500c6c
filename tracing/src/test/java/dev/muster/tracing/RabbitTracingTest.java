package dev.muster.tracing;

import dev.muster.testkit.Servers;
import java.util.Map;

class RabbitTracingTest extends TracingContract {
    @Override
    Map<String, Object> settings() {
        return Map.of(
                "broker_url", Servers.rabbit().url(), "result_backend", Servers.redis().url(2));
    }
}
