package dev.muster.parallel.pipeline;

import java.util.function.Consumer;

/// The end of a pipeline. See [OwnCode] for why this class has no more in it.
final class SinkStage<T> implements Stage<T> {
    private final Consumer<? super T> consumer;
    private boolean closed;

    SinkStage(Consumer<? super T> consumer) {
        this.consumer = consumer;
    }

    @Override
    public void send(T value) {
        if (closed) {
            throw StageClosedException.onSend();
        }
        consumer.accept(value);
    }

    @Override
    public void raise(Throwable cause) {
        if (closed) {
            throw StageClosedException.onSend();
        }
        closed = true;
        throw StageFailedException.unchecked(cause);
    }

    @Override
    public void close() {
        closed = true;
    }
}
