package dev.muster.queue.codec;

import dev.muster.queue.spi.MusterException;
import org.jspecify.annotations.Nullable;

/// A value that cannot be written in the chosen format, such as `NaN` in JSON.
public final class EncodeException extends MusterException {
    public EncodeException(String message) {
        super(message);
    }

    public EncodeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
