package dev.muster.queue;

import org.jspecify.annotations.Nullable;

/// How the run of a task ended.
sealed interface Outcome {
    /// @param value what the task returned
    record Success(@Nullable Object value) implements Outcome {}

    /// @param cause what the task threw, or why it could not be run
    record Failure(Throwable cause) implements Outcome {}

    /// It was not run, because its time had passed.
    record Expired() implements Outcome {}
}
