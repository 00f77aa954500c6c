package dev.muster.queue.message;

import dev.muster.queue.spi.MusterException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A message that is no task message, or cannot be read as one. Says why, and which task it was
/// meant to be if that much could be read.
public final class RefusedMessageException extends MusterException {
    private final @Nullable String taskId;

    RefusedMessageException(@Nullable String taskId, String reason, @Nullable Throwable cause) {
        super(reason, cause);
        this.taskId = taskId;
    }

    /// The id of the task, if the message tells it.
    public Optional<String> taskId() {
        return Optional.ofNullable(taskId);
    }
}
