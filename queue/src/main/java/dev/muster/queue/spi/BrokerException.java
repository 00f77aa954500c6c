package dev.muster.queue.spi;

import org.jspecify.annotations.Nullable;

/// The broker refused something, or cannot be reached.
///
/// [#isTransient()] tells the two apart: a transient failure (connection lost, server restarting)
/// may pass, so the caller tries again after a delay; another one (a queue declared with other
/// properties, a bad password) will not.
public final class BrokerException extends MusterException {
    private final boolean isTransient;

    private BrokerException(String message, @Nullable Throwable cause, boolean isTransient) {
        super(message, cause);
        this.isTransient = isTransient;
    }

    /// The broker at `where` (an address without password) cannot be reached, or the connection to
    /// it was lost.
    public static BrokerException unreachable(String where, @Nullable Throwable cause) {
        return new BrokerException(
                "broker %s cannot be reached%s"
                        .formatted(where, cause == null ? "" : ": " + cause.getMessage()),
                cause,
                true);
    }

    /// The broker answered, and the answer was no.
    public static BrokerException refused(String message, @Nullable Throwable cause) {
        return new BrokerException(message, cause, false);
    }

    public boolean isTransient() {
        return isTransient;
    }
}
