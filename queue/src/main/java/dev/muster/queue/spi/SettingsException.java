package dev.muster.queue.spi;

import org.jspecify.annotations.Nullable;

/// A setting, or a URL, that cannot be used as it is. The message names it and the way out.
public final class SettingsException extends MusterException {
    public SettingsException(String message) {
        super(message);
    }

    public SettingsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
