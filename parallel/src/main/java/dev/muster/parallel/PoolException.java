package dev.muster.parallel;

import org.jspecify.annotations.Nullable;

/// A call failed for a reason that lies in the pool, not in the function.
public abstract sealed class PoolException extends RuntimeException
        permits CallFailedException,
                CallTimeoutException,
                PoolBrokenException,
                WorkerProcessDiedException {
    PoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
