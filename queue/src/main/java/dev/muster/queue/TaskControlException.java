package dev.muster.queue;

import org.jspecify.annotations.Nullable;

/// What a task throws to say something other than "I have failed". Let it pass: a task that catches
/// it has changed its mind. Made by the methods of [TaskContext].
public abstract sealed class TaskControlException extends RuntimeException
        permits RetryException, ReplaceException, IgnoreException, RejectException {
    TaskControlException(String message, @Nullable Throwable cause) {
        // Without stack trace, because it is an answer, and no failure to look for.
        super(message, cause, false, false);
    }
}
