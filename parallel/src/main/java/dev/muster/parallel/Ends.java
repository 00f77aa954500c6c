package dev.muster.parallel;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
            addSuppressed(failure, other);
        }
    }

    /// Does something with each stage, also when it fails with some.
    static <S> void forAll(List<S> stages, Consumer<S> action) {
        Throwable first = null;
        for (var stage : stages) {
            try {
                action.accept(stage);
            } catch (RuntimeException | Error failure) {
                first = merge(first, failure);
            }
        }
        if (first != null) {
            throw StageFailedException.unchecked(first);
        }
    }

    static Throwable merge(@Nullable Throwable first, Throwable other) {
        if (first == null) {
            return other;
        }
        addSuppressed(first, other);
        return first;
    }

    private static void addSuppressed(Throwable failure, Throwable other) {
        if (!other.equals(failure) && !failure.equals(other.getCause())) {
            failure.addSuppressed(other);
        }
    }
}
