package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A task has taken longer than its soft time limit. It is what [TaskContext#checkTimeLimit()]
/// throws, and what a task fails with that let the interruption end it. On the wire it is Celery's
/// `SoftTimeLimitExceeded`.
public final class SoftTimeLimitExceededException extends MusterException {
    private final Duration limit;

    SoftTimeLimitExceededException(Duration limit, @Nullable Throwable cause) {
        super("the task has taken longer than its soft time limit of " + limit, cause);
        this.limit = limit;
    }

    public Duration limit() {
        return limit;
    }
}
