package dev.muster.testkit;

import java.util.Map;

class MemoryEventTest extends EventContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", "memory:");
    }
}
