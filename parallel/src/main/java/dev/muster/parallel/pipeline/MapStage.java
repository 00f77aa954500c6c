package dev.muster.parallel.pipeline;

import java.util.function.Function;

/// See [OwnCode] for why this class has no more in it.
final class MapStage<I, O> extends LinkedStage<I, O> {
    private final Function<? super I, ? extends O> function;

    MapStage(Function<? super I, ? extends O> function, Stage<? super O> next) {
        super(next);
        this.function = function;
    }

    @Override
    public void send(I value) {
        checkOpen();
        next.send(function.apply(value));
    }
}
