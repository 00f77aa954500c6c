package dev.muster.queue;

import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.TaskRequest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/// Tells the log which task the calling thread works for, as long as it is open: each line has the
/// task's ids and name in its MDC.
final class LogContext implements AutoCloseable {
    private final @Nullable Map<String, String> before;

    private LogContext(@Nullable Map<String, String> before) {
        this.before = before;
    }

    /// What the log shows of a task. Made once for each, as it is used several times.
    static Map<String, String> fields(TaskRequest request) {
        var id = LogText.of(request.id());
        var name = LogText.of(request.task());
        var root = request.rootId().map(LogText::of).orElse(id);
        return request.parentId()
                .map(parent ->
                        Map.of(
                                "task_id", id,
                                "task_name", name,
                                "root_id", root,
                                "parent_id", LogText.of(parent)))
                .orElseGet(() -> Map.of("task_id", id, "task_name", name, "root_id", root));
    }

    static LogContext open(Map<String, String> fields) {
        var before = MDC.getCopyOfContextMap();
        if (before == null || before.isEmpty()) {
            MDC.setContextMap(fields);
        } else {
            var all = new HashMap<>(before);
            all.putAll(fields);
            MDC.setContextMap(all);
        }
        return new LogContext(before);
    }

    /// What the task itself has put there is gone as well.
    @Override
    public void close() {
        if (before == null || before.isEmpty()) {
            MDC.clear();
        } else {
            MDC.setContextMap(before);
        }
    }
}
