package dev.muster.parallel;

import org.jspecify.annotations.Nullable;

/// A pool cannot run any call, as its child processes cannot be started or initialized. It stays
/// so.
public final class PoolBrokenException extends PoolException {
    PoolBrokenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
