package dev.muster.parallel.shared;

import org.jspecify.annotations.Nullable;

/// A method of a registered object threw an exception that cannot be thrown here: its class is not
/// known or not allowed, or the method does not declare it. Or it took too long.
public final class SharedObjectException extends ManagerException {
    private final String remoteStackTrace;

    SharedObjectException(String message, String remoteStackTrace, @Nullable Throwable cause) {
        super(message, cause);
        this.remoteStackTrace = remoteStackTrace;
    }

    /// What the manager's program would print of the exception; empty when there is none.
    public String remoteStackTrace() {
        return remoteStackTrace;
    }
}
