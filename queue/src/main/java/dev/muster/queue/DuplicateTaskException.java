package dev.muster.queue;

import dev.muster.queue.spi.MusterException;

/// The call whose result was asked for was not sent, because an equal one was waiting or running:
/// see [Task.Unique#DROP].
public final class DuplicateTaskException extends MusterException {
    private final String existingId;

    DuplicateTaskException(String existingId) {
        super(
                "the call was dropped, because task %s, which is equal, was waiting or running; look at isDuplicate() first, or use Task.Unique.COALESCE to get the result of that one"
                        .formatted(existingId));
        this.existingId = existingId;
    }

    /// The id of the task that was there.
    public String existingId() {
        return existingId;
    }
}
