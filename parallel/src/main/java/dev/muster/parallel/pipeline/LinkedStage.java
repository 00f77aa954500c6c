package dev.muster.parallel.pipeline;

/// A stage with one stage after it, with the life that all of them share.
abstract class LinkedStage<I, O> implements Stage<I> {
    final Stage<? super O> next;

    private boolean closed;

    LinkedStage(Stage<? super O> next) {
        this.next = next;
    }

    /// Sends what is still held, before the next stage is closed.
    void finish() {}

    final void checkOpen() {
        if (closed) {
            throw StageClosedException.onSend();
        }
    }

    @Override
    public void raise(Throwable cause) {
        checkOpen();
        try {
            next.raise(cause);
        } catch (Throwable unhandled) {
            closed = true;
            throw unhandled;
        }
    }

    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            finish();
        } catch (Throwable failure) {
            Ends.abort(next, failure);
            throw failure;
        }
        next.close();
    }
}
