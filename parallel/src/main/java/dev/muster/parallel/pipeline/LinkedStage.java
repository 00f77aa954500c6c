package dev.muster.parallel.pipeline;

/// A stage with one stage after it, with the life that all of them share.
abstract class LinkedStage<I, O> implements Stage<I> {
    final Stage<? super O> next;

    private final Life life = new Life();

    LinkedStage(Stage<? super O> next) {
        this.next = next;
    }

    /// Sends what is still held, before the next stage is closed.
    void finish() {}

    final void checkOpen() {
        life.checkOpen();
    }

    @Override
    public void raise(Throwable cause) {
        checkOpen();
        try {
            next.raise(cause);
        } catch (Throwable unhandled) {
            life.close();
            throw unhandled;
        }
    }

    @Override
    public final void close() {
        if (life.isClosed()) {
            return;
        }
        life.close();
        try {
            finish();
        } catch (Throwable failure) {
            Ends.abort(next, failure);
            throw failure;
        }
        next.close();
    }
}
