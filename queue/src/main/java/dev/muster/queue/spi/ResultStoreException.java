package dev.muster.queue.spi;

import org.jspecify.annotations.Nullable;

/// The result store cannot be reached, or cannot do what was asked.
public final class ResultStoreException extends MusterException {
    public ResultStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
