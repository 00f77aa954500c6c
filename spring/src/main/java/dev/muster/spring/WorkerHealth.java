package dev.muster.spring;

import dev.muster.queue.Worker;
import java.util.Locale;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// What the health endpoint of actuator tells of the worker, as it sees itself: it costs nothing.
final class WorkerHealth implements HealthIndicator {
    private final WorkerLifecycle lifecycle;

    WorkerHealth(WorkerLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /// Up while it reads its queues. Without a worker there is nothing to be said.
    @Override
    public Health health() {
        return lifecycle
                .worker()
                .map(WorkerHealth::of)
                .orElseGet(() -> Health.unknown().withDetail("worker", "not started").build());
    }

    private static Health of(Worker worker) {
        var health = worker.health();
        var answer = health.isReady() ? Health.up() : Health.down();
        answer.withDetail("worker", worker.hostname())
                .withDetail("state", health.state().name().toLowerCase(Locale.ROOT))
                .withDetail("since", health.since().toString());
        if (!health.reason().isEmpty()) {
            answer.withDetail("reason", health.reason());
        }
        return answer.build();
    }
}
