package dev.muster.cli;

import dev.muster.queue.Health;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Answers to the probes of Kubernetes and its like: `/healthz`, whether to leave the process alone
/// or to start it anew, and `/readyz`, whether it does its work now.
final class Probes {
    private final Map<String, Supplier<Health>> parts = new LinkedHashMap<>();

    /// @param name what it is to the reader: `worker`, `beat`
    Probes of(String name, Supplier<Health> health) {
        parts.put(name, health);
        return this;
    }

    Endpoints addTo(Endpoints endpoints) {
        return endpoints
                .with("/healthz", () -> answer(Health::isAlive))
                .with("/readyz", () -> answer(Health::isReady));
    }

    private Endpoints.Answer answer(Predicate<Health> isWell) {
        var body = new LinkedHashMap<String, Object>();
        body.put("status", "ok");
        var status = 200;
        for (var part : parts.entrySet()) {
            var health = part.getValue().get();
            if (!isWell.test(health)) {
                status = 503;
                body.put("status", "unavailable");
            }
            body.put(part.getKey(), describe(health));
        }
        return Endpoints.Answer.json(status, body);
    }

    private static Map<String, String> describe(Health health) {
        var description = new LinkedHashMap<String, String>();
        description.put("state", health.state().name().toLowerCase(Locale.ROOT));
        description.put("since", health.since().toString());
        if (!health.reason().isEmpty()) {
            description.put("reason", health.reason());
        }
        return description;
    }
}
