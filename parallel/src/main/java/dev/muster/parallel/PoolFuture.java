package dev.muster.parallel;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The result of a call in a [Pool], which may be still to come.
///
/// What went wrong is the cause of the [ExecutionException] that `get` throws: what the function
/// has thrown, with the stack trace of where it ran; or a [PoolException]. Stages that depend on it
/// (`thenApply`) are plain futures.
public abstract class PoolFuture<R extends @Nullable Object> extends CompletableFuture<R> {
    PoolFuture() {}

    /// Whether the function is being run at this moment.
    public abstract boolean isRunning();

    /// Gives the call up. A call that has not begun is never run. What happens to one that has,
    /// when `mayInterrupt` is true, is up to the kind of pool: its thread is interrupted, or its
    /// process is killed and replaced. Otherwise it goes on, and what it returns is dropped.
    @Override
    public boolean cancel(boolean mayInterrupt) {
        var cancelled = super.cancel(mayInterrupt);
        if (cancelled) {
            giveUp(mayInterrupt);
        }
        return isCancelled();
    }

    abstract void giveUp(boolean mayInterrupt);

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
