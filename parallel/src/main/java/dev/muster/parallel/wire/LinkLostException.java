package dev.muster.parallel.wire;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The other side has closed the connection, or is taken for gone.
public final class LinkLostException extends IOException {
    LinkLostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// The same, for another thread.
    LinkLostException(LinkLostException first) {
        super(first.getMessage(), first);
    }
}
