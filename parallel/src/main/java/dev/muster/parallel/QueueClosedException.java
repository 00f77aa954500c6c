package dev.muster.parallel;

/// Nothing can be put into a closed queue, nor be taken from one that is also empty.
public final class QueueClosedException extends IllegalStateException {
    /// @param message what was tried
    public QueueClosedException(String message) {
        super(message);
    }
}
