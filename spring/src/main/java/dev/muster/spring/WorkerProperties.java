package dev.muster.spring;

import dev.muster.queue.Worker;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// What is said of the worker and is no setting of Muster's.
///
/// @param enabled whether there is one; by default when there are tasks
/// @param queues that it reads; empty for those of `task_queues`, or the default queue
/// @param pool on what tasks run
/// @param hostname its node name, unique among all workers
@ConfigurationProperties(prefix = WorkerProperties.PREFIX, ignoreUnknownFields = false)
record WorkerProperties(
        @Nullable Boolean enabled,
        @Nullable List<String> queues,
        Worker.@Nullable Pool pool,
        @Nullable String hostname) {
    static final String PREFIX = MusterProperties.PREFIX + ".worker";

    void applyTo(Worker.Builder worker) {
        if (queues != null) {
            worker.queues(queues.toArray(String[]::new));
        }
        if (pool != null) {
            worker.pool(pool);
        }
        if (hostname != null) {
            worker.hostname(hostname);
        }
    }
}
