package dev.muster.queue;

import dev.muster.queue.spi.MusterException;

/// A task has asked to be tried again as often as it may, and gave no other reason to fail with. On
/// the wire it is Celery's `MaxRetriesExceededError`.
public final class MaxRetriesExceededException extends MusterException {
    MaxRetriesExceededException(String message) {
        super(message);
    }
}
