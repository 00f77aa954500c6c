package dev.muster.parallel.pipeline;

import java.util.function.Predicate;

/// See [OwnCode] for why this class has no more in it.
final class FilterStage<T> extends LinkedStage<T, T> {
    private final Predicate<? super T> condition;

    FilterStage(Predicate<? super T> condition, Stage<? super T> next) {
        super(next);
        this.condition = condition;
    }

    @Override
    public void send(T value) {
        checkOpen();
        if (condition.test(value)) {
            next.send(value);
        }
    }
}
