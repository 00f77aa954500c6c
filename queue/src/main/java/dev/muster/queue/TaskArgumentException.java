package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import org.jspecify.annotations.Nullable;

/// The arguments of a call do not fit the task's parameters: too many, too few, an unknown name, or
/// a wrong type. On the wire it is Python's `TypeError`.
public final class TaskArgumentException extends MusterException {
    TaskArgumentException(String message) {
        super(message);
    }

    TaskArgumentException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
