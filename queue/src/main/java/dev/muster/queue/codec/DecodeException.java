package dev.muster.queue.codec;

import dev.muster.queue.spi.MusterException;
import org.jspecify.annotations.Nullable;

/// Bytes that are not what they claim to be. The message is one short reason, fit for a log line;
/// it does not repeat the bytes.
public final class DecodeException extends MusterException {
    public DecodeException(String message) {
        super(message);
    }

    public DecodeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
