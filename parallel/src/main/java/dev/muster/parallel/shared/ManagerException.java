package dev.muster.parallel.shared;

import org.jspecify.annotations.Nullable;

/// A shared manager cannot be used as asked: it cannot be reached, has another key, or answered
/// what this side cannot make sense of.
public sealed class ManagerException extends RuntimeException
        permits ManagerLostException, SharedObjectException {
    ManagerException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
