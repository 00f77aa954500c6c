package dev.muster.queue.spi;

import org.jspecify.annotations.Nullable;

/// The store of a schedule cannot be reached, or cannot do what was asked.
public final class ScheduleStoreException extends MusterException {
    public ScheduleStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
