package dev.muster.queue;

import org.jspecify.annotations.Nullable;

/// The task gives its message up: back to the queue, or away, to the dead-letter exchange where the
/// broker has one. Nothing is stored. It works with late acknowledgement only, as an early one
/// cannot be taken back. Made by [TaskContext#reject].
public final class RejectException extends TaskControlException {
    private final boolean requeue;

    RejectException(boolean requeue, @Nullable Throwable cause) {
        super("the task rejects its message", cause);
        this.requeue = requeue;
    }

    /// Whether the message goes back to its queue.
    public boolean requeue() {
        return requeue;
    }
}
