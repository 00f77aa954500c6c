package dev.muster.parallel;

import dev.muster.parallel.child.Ending;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes results and exceptions of what comes back from child processes.
final class Endings {
    private Endings() {}

    /// Completes a future with what became of its call.
    @SuppressWarnings({"unchecked", "NullAway"}) // it is what the function has returned
    static <R extends @Nullable Object> void complete(
            PoolFuture<R> future, Ending ending, Values values) {
        if (ending instanceof Ending.Returned(var value)) {
            try {
                future.complete((R) values.unpack(value));
            } catch (OutOfMemoryError e) {
                future.completeExceptionally(
                        new OutOfMemoryError(
                                "the result of the call does not fit into the heap of this JVM; return large data as a ByteBuffer, which needs none"));
            } catch (Throwable e) { // whatever the code of a class does when it is made of bytes
                future.completeExceptionally(e);
            }
        } else {
            future.completeExceptionally(failure(ending, values));
        }
    }

    /// The exception for an ending that is none to be glad of.
    static Throwable failure(Ending ending, Values values) {
        return switch (ending) {
            case Ending.Returned _ -> throw new IllegalArgumentException("no failure");
            case Ending.Threw(var thrown) -> throwable(thrown, values);
            case Ending.Died died -> new WorkerProcessDiedException(died);
            case Ending.TimedOut(var limit) -> new CallTimeoutException("the call", limit);
            case Ending.Refused(var reason, var thrown) ->
                    new PoolBrokenException(
                            reason, thrown == null ? null : throwable(thrown, values));
        };
    }

    private static Throwable throwable(Packed thrown, Values values) {
        try {
            return (Throwable) Objects.requireNonNull(values.unpack(thrown));
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            return e;
        }
    }
}
