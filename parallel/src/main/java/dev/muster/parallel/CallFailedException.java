package dev.muster.parallel;

/// One of several calls failed. The cause is what it has thrown.
public final class CallFailedException extends PoolException {
    private final int index;

    CallFailedException(int index, Throwable cause) {
        super("the call for item %d failed: %s".formatted(index, cause), cause);
        this.index = index;
    }

    /// The item, counted from 0; of a chunk of items the first.
    public int index() {
        return index;
    }
}
