package dev.muster.queue;

import dev.muster.queue.message.TaskRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// On whose behalf something is sent: what a task that sends passes on to what it sends.
///
/// @param parentId the task that sends
/// @param rootId the first task of its workflow
/// @param replyTo where results go, if messages carry them and the call does not say
/// @param priority of calls that have none of their own
/// @param stamps that calls get besides their own
record Origin(
        @Nullable String parentId,
        @Nullable String rootId,
        @Nullable String replyTo,
        @Nullable Integer priority,
        Map<String, @Nullable Object> stamps) {
    /// No task: a client.
    static final Origin CLIENT = new Origin(null, null, null, null, Map.of());

    /// A task that has ended, and is followed by others.
    static Origin of(TaskRequest request, @Nullable Integer priority) {
        return new Origin(
                request.id(),
                request.rootId().orElse(request.id()),
                request.replyTo().orElse(null),
                priority,
                stamps(request));
    }

    private static Map<String, @Nullable Object> stamps(TaskRequest request) {
        var stamps = new LinkedHashMap<String, @Nullable Object>();
        if (request.headers().get("stamps") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> stamps.put(String.valueOf(name), value));
        }
        return stamps;
    }

    /// The task that the calling thread runs; otherwise a client.
    ///
    /// Its stamps are not passed on: they belong to what its sender has planned.
    static Origin current(boolean inheritsPriority) {
        if (!TaskContext.CURRENT.isBound()) {
            return CLIENT;
        }
        var task = TaskContext.CURRENT.get();
        return new Origin(
                task.id(),
                task.rootId(),
                null,
                inheritsPriority ? task.priority() : null,
                Map.of());
    }
}
