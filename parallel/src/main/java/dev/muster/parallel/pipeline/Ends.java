package dev.muster.parallel.pipeline;

import dev.muster.parallel.base.Failures;
import java.util.List;
import java.util.function.Consumer;

/// How stages are ended so that none is forgotten when another fails.
final class Ends {
    private Ends() {}

    /// Ends a stage because of a failure elsewhere, which is the one that counts.
    static void abort(Stage<?> stage, Throwable failure) {
        try {
            stage.raise(failure);
            stage.close();
        } catch (StageClosedException _) {
            // It has ended by itself: its own failure may be the one at hand.
        } catch (Throwable other) {
            Failures.attach(failure, other);
        }
    }

    /// Does something with each stage, also when it fails with some.
    static <S> void forAll(List<S> stages, Consumer<S> action) {
        Throwable first = null;
        for (var stage : stages) {
            try {
                action.accept(stage);
            } catch (RuntimeException | Error failure) {
                first = Failures.merge(first, failure);
            }
        }
        if (first != null) {
            throw StageFailedException.unchecked(first);
        }
    }
}
