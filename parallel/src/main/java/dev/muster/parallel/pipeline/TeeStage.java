package dev.muster.parallel.pipeline;

import java.util.function.Consumer;

/// See [OwnCode] for why this class has no more in it.
final class TeeStage<T> extends LinkedStage<T, T> {
    private final Consumer<? super T> observer;

    TeeStage(Consumer<? super T> observer, Stage<? super T> next) {
        super(next);
        this.observer = observer;
    }

    @Override
    public void send(T value) {
        checkOpen();
        observer.accept(value);
        next.send(value);
    }
}
