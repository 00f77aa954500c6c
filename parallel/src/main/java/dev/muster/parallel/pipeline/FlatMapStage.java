package dev.muster.parallel.pipeline;

import java.util.function.Function;

/// See [OwnCode] for why this class has no more in it.
final class FlatMapStage<I, O> extends LinkedStage<I, O> {
    private final Function<? super I, ? extends Iterable<? extends O>> function;

    FlatMapStage(
            Function<? super I, ? extends Iterable<? extends O>> function, Stage<? super O> next) {
        super(next);
        this.function = function;
    }

    @Override
    public void send(I value) {
        checkOpen();
        for (var each : function.apply(value)) {
            next.send(each);
        }
    }
}
