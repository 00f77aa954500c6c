package dev.muster.parallel.pipeline;

/// A stage is closed: it takes no more values, and a coroutine in it receives no more.
public final class StageClosedException extends IllegalStateException {
    StageClosedException(String message) {
        super(message);
    }

    static StageClosedException onSend() {
        return new StageClosedException("the stage is closed; send before close()");
    }
}
