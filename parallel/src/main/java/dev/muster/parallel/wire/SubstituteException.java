package dev.muster.parallel.wire;

/// Stands for an exception that could not be sent from the process that threw it, because it holds
/// something that is not serializable, or is of a class that is not known here. Its message begins
/// with the original class; the stack trace is the original one.
public final class SubstituteException extends Exception {
    private final String originalClass;

    private SubstituteException(Throwable thrown) {
        super(thrown.toString());
        originalClass = thrown.getClass().getName();
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

    /// The name of the class of the exception that was thrown.
    public String originalClass() {
        return originalClass;
    }
}
