package dev.muster.queue.spi;

import org.jspecify.annotations.Nullable;

/// The base of what Muster throws. The message says what failed, with what, and what to do next.
public class MusterException extends RuntimeException {
    public MusterException(String message) {
        super(message);
    }

    public MusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
