package dev.muster.tracing;

import java.util.Map;

class MemoryTracingTest extends TracingContract {
    @Override
    Map<String, Object> settings() {
        return Map.of("broker_url", "memory:");
    }

    @Override
    boolean isShared() {
        return false;
    }
}
