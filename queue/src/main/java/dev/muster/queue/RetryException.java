package dev.muster.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The task shall be tried again later, under the same id. Made by [TaskContext#retry()] and its
/// siblings; each method that changes something returns a changed copy.
///
/// ```java
/// throw task.retry(ofSeconds(30), failure).atMost(10);
/// ```
public final class RetryException extends TaskControlException {
    private final @Nullable Moment start;
    private final @Nullable Integer maxRetries;

    RetryException(
            @Nullable Moment start, @Nullable Integer maxRetries, @Nullable Throwable cause) {
        super("the task wants to be tried again", cause);
        this.start = start;
        this.maxRetries = maxRetries;
    }

    /// As often as this for this call, instead of [Task#maxRetries()].
    ///
    /// @param retries tries after the first; [Task#FOREVER] for no limit
    public RetryException atMost(int retries) {
        return new RetryException(start, RetryPolicy.checked(retries), getCause());
    }

    /// At this instant instead of after a delay.
    public RetryException at(Instant instant) {
        return new RetryException(new Moment.At(instant), maxRetries, getCause());
    }

    /// After this delay.
    public RetryException after(Duration delay) {
        return new RetryException(new Moment.After(delay), maxRetries, getCause());
    }

    Optional<Moment> start() {
        return Optional.ofNullable(start);
    }

    OptionalInt maxRetries() {
        return maxRetries == null ? OptionalInt.empty() : OptionalInt.of(maxRetries);
    }
}
