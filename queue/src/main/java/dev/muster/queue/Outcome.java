package dev.muster.queue;

import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How the run of a task ended.
sealed interface Outcome {
    /// @param value what the task returned
    record Success(@Nullable Object value) implements Outcome {}

    /// It was not run, as it had been before.
    ///
    /// @param value what it returned then
    record Repeated(@Nullable Object value) implements Outcome {}

    /// @param cause what the task threw, or why it could not be run
    record Failure(Throwable cause) implements Outcome {}

    /// It shall be tried again.
    ///
    /// @param eta not before
    /// @param cause why, if the task says
    record Retry(Instant eta, @Nullable Throwable cause) implements Outcome {}

    /// It was not run, as another run with its idempotency key is under way; it shall come again.
    ///
    /// @param eta not before
    record Busy(Instant eta) implements Outcome {}

    /// Nothing shall be stored.
    record Ignored() implements Outcome {}

    /// The message is given up, and nothing stored.
    record Rejected(boolean requeue) implements Outcome {}

    /// It took longer than it may.
    ///
    /// @param limit the hard time limit
    record TimedOut(Duration limit) implements Outcome {}

    /// The process that it ran in has died, or it could not be run in any.
    ///
    /// @param reason as Celery puts it
    /// @param begun whether it may have begun
    record Lost(String reason, boolean begun) implements Outcome {}

    /// Someone does not want it any more.
    ///
    /// @param reason `revoked` if it was not run, `terminated` if it was stopped
    record Revoked(String reason) implements Outcome {}

    /// @param workflow what the task wants to be done in its place
    record Replaced(Workflow<?> workflow) implements Outcome {}

    /// It was not run, because its time had passed.
    record Expired() implements Outcome {}

    /// What it is called.
    default State state() {
        return switch (this) {
            case Success _, Repeated _ -> State.SUCCESS;
            case Failure _, TimedOut _, Lost _ -> State.FAILURE;
            case Retry _, Busy _ -> State.RETRY;
            case Ignored _, Replaced _ -> State.IGNORED;
            case Rejected _ -> State.REJECTED;
            case Revoked _, Expired _ -> State.REVOKED;
        };
    }
}
