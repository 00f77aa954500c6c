package dev.muster.testkit;

import java.util.Map;

class MemoryControlTest extends ControlContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", "memory:");
    }
}
