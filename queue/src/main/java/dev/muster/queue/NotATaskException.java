package dev.muster.queue;

import dev.muster.queue.spi.MusterException;

/// Something was used as a task, or registered as one, that cannot be one. The message says what to
/// write instead.
public final class NotATaskException extends MusterException {
    NotATaskException(String message) {
        super(message);
    }
}
