package dev.muster.queue.spi;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is known of a task's outcome (celery-wire 4.2).
///
/// @param taskId the task's id
/// @param result the value, as plain data (`null`, `Boolean`, `Long`, `Double`, `String`, `List`,
///   `Map`, …); for a failure the map `exc_type`, `exc_message`, `exc_module`
/// @param traceback the stack trace as text, after a failure
/// @param dateDone when the task ended; null while it has not
/// @param others the other fields of the record by their wire names: `children`, `group_id`,
///   `parent_id`, and with `result_extended` `name`, `args` and so on
public record ResultRecord(
        String taskId,
        State state,
        @Nullable Object result,
        @Nullable String traceback,
        @Nullable Instant dateDone,
        Map<String, @Nullable Object> others) {

    // Written out for the same reason as that of Message.
    public ResultRecord(
            String taskId,
            State state,
            @Nullable Object result,
            @Nullable String traceback,
            @Nullable Instant dateDone,
            Map<String, @Nullable Object> others) {
        this.taskId = Objects.requireNonNull(taskId, "taskId");
        this.state = Objects.requireNonNull(state, "state");
        this.result = result;
        this.traceback = traceback;
        this.dateDone = dateDone;
        this.others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }

    /// What a missing record means.
    public static ResultRecord pending(String taskId) {
        return new ResultRecord(taskId, State.PENDING, null, null, null, Map.of());
    }
}
