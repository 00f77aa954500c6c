package dev.muster.parallel.pipeline;

import java.util.Objects;

/// A stage ended with a checked exception, which is the cause.
public final class StageFailedException extends RuntimeException {
    private StageFailedException(Throwable cause) {
        super("a stage failed: " + cause, Objects.requireNonNull(cause, "cause"));
    }

    /// The failure itself when it is unchecked. Errors are thrown here.
    static RuntimeException unchecked(Throwable failure) {
        return switch (failure) {
            case Error error -> throw error;
            case RuntimeException exception -> exception;
            default -> new StageFailedException(failure);
        };
    }
}
