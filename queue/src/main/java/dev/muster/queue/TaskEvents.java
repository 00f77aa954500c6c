package dev.muster.queue;

import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.codec.WireTime;
import dev.muster.queue.events.EventSender;
import dev.muster.queue.message.TaskRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tells monitors what happens with the tasks of a worker, while somebody wants it (celery-wire
/// 8.3). Thread-safe.
final class TaskEvents {
    private final EventSender sender;
    private volatile boolean enabled;

    TaskEvents(EventSender sender, boolean enabled) {
        this.sender = sender;
        this.enabled = enabled;
    }

    /// @return whether that is a change
    boolean enable(boolean value) {
        var before = enabled;
        enabled = value;
        return before != value;
    }

    void received(TaskRequest request) {
        if (enabled) {
            send("task-received", request, describe(request));
        }
    }

    /// What is told of a task that is sent or received.
    static Map<String, @Nullable Object> describe(TaskRequest request) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("name", request.task());
        fields.put("args", PythonRepr.args(request.args()));
        fields.put("kwargs", PythonRepr.kwargs(request.kwargs()));
        fields.put("root_id", request.rootId().orElse(request.id()));
        fields.put("parent_id", request.parentId().orElse(null));
        fields.put("retries", request.retries());
        fields.put("eta", request.eta().map(WireTime::format).orElse(null));
        fields.put("expires", request.expires().map(WireTime::format).orElse(null));
        return fields;
    }

    void started(TaskRequest request) {
        if (enabled) {
            send("task-started", request, Map.of());
        }
    }

    void succeeded(TaskRequest request, @Nullable Object value, double seconds) {
        if (enabled) {
            send(
                    "task-succeeded",
                    request,
                    Map.of("result", PythonRepr.value(value), "runtime", seconds));
        }
    }

    void failed(TaskRequest request, Followers.Failure failure) {
        if (enabled) {
            send("task-failed", request, exception(failure));
        }
    }

    void retried(TaskRequest request, @Nullable Throwable cause) {
        if (enabled) {
            var failure =
                    cause == null
                            ? Followers.Failure.of("Retry", "celery.exceptions", "")
                            : Followers.Failure.of(cause);
            send("task-retried", request, exception(failure));
        }
    }

    private static Map<String, @Nullable Object> exception(Followers.Failure failure) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("exception", Failures.repr(failure.described()));
        fields.put("traceback", failure.traceback());
        return fields;
    }

    /// @param reason `expired`, `revoked` or `terminated`
    void revoked(TaskRequest request, String reason) {
        if (enabled) {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("terminated", reason.equals("terminated"));
            fields.put("signum", null);
            fields.put("expired", reason.equals("expired"));
            send("task-revoked", request, fields);
        }
    }

    void rejected(TaskRequest request, boolean requeue) {
        if (enabled) {
            send("task-rejected", request, Map.of("requeue", requeue));
        }
    }

    private void send(
            String type, TaskRequest request, Map<String, ? extends @Nullable Object> more) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("uuid", request.id());
        fields.putAll(more);
        sender.send(type, fields);
    }
}
