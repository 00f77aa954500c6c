package dev.muster.spring;

import dev.muster.queue.Worker;

/// Changes how the application's [Worker] is started. A bean of this type is found.
@FunctionalInterface
public interface WorkerCustomizer {
    void customize(Worker.Builder worker);
}
