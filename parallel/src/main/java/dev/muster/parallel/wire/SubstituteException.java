package dev.muster.parallel.wire;

import org.jspecify.annotations.Nullable;

/// Stands for an exception that could not be sent from the process that threw it, because it holds
/// something that is not serializable, or is of a class that is not known here. Its message begins
/// with the original class; the stack trace is the original one.
public final class SubstituteException extends Exception {
    private final String originalClass;
    private final @Nullable String originalMessage;

    private SubstituteException(Throwable thrown) {
        super(thrown.toString());
        originalClass = thrown.getClass().getName();
        originalMessage = thrown.getMessage();
    }

    static SubstituteException of(Throwable thrown) {
        var substitute = new SubstituteException(thrown);
        substitute.setStackTrace(thrown.getStackTrace());
        var cause = thrown.getCause();
        if (cause != null) {
            substitute.initCause(of(cause));
        }
        return substitute;
    }

    /// What the original one says, also at the head of a stack trace.
    @Override
    @SuppressWarnings("OverrideThrowableToString") // the class of this one is of no interest
    public String toString() {
        return String.valueOf(getMessage());
    }

    /// The name of the class of the exception that was thrown.
    public String originalClass() {
        return originalClass;
    }

    /// The message of the exception that was thrown; null when it had none.
    public @Nullable String originalMessage() {
        return originalMessage;
    }
}
