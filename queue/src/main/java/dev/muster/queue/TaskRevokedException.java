package dev.muster.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The task will not run, or was stopped: it was revoked, or it expired before a worker could start
/// it.
public final class TaskRevokedException extends TaskFailedException {
    TaskRevokedException(String taskId, List<@Nullable Object> arguments) {
        super(taskId, "celery.exceptions.TaskRevokedError", arguments, null, null);
    }
}
