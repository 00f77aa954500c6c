package dev.muster.parallel;

import dev.muster.parallel.SerializableFunction.Of0;
import dev.muster.parallel.SerializableFunction.VoidOf0;
import dev.muster.parallel.wire.RemoteFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// What all pools have in common: all that an [java.util.concurrent.ExecutorService] can be asked
/// for comes down to one call.
abstract class AbstractPool implements Pool {
    /// @param limit how long the call may run; null for as long as it likes
    abstract <R extends @Nullable Object> PoolFuture<R> call(
            @Nullable Duration limit, RemoteFunction function, @Nullable Object... arguments);

    /// Takes no more calls, and gives up those that have not begun.
    ///
    /// @param running whether those that run are given up as well
    /// @return the calls that were given up; they do not end by themselves any more
    abstract List<PoolFuture<?>> abandon(boolean running);

    abstract boolean awaitTermination(Duration limit) throws InterruptedException;

    @Override
    public final <R extends @Nullable Object> PoolFuture<R> call(
            RemoteFunction function, @Nullable Object... arguments) {
        return call(null, function, arguments);
    }

    @Override
    public final Calls withTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("a timeout must be positive, was " + limit);
        }
        return new Limited(this, limit);
    }

    /// The same pool for calls with a time limit.
    private record Limited(AbstractPool pool, Duration limit) implements Calls {
        @Override
        public <R extends @Nullable Object> PoolFuture<R> call(
                RemoteFunction function, @Nullable Object... arguments) {
            return pool.call(limit, function, arguments);
        }
    }

    @Override
    public final void execute(Runnable command) {
        var _ = submit(command);
    }

    @Override
    public final <T> Future<T> submit(Callable<T> task) {
        return call(task instanceof RemoteFunction function ? function : (Of0<T>) task::call);
    }

    @Override
    public final Future<?> submit(Runnable task) {
        return call((VoidOf0) task::run);
    }

    @Override
    public final <T> Future<T> submit(Runnable task, T result) {
        return submit(
                (Of0<T>)
                        () -> {
                            task.run();
                            return result;
                        });
    }

    @Override
    public final <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
            throws InterruptedException {
        return invokeAll(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    @Override
    public final <T> List<Future<T>> invokeAll(
            Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException {
        var futures = start(tasks);
        try {
            Pool.waitFor(futures, WaitUntil.ALL, Duration.of(timeout, unit.toChronoUnit()));
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
        return List.copyOf(futures);
    }

    private <T> List<CompletableFuture<T>> start(Collection<? extends Callable<T>> tasks) {
        var futures = new ArrayList<CompletableFuture<T>>();
        for (var task : tasks) {
            futures.add((PoolFuture<T>) submit(task));
        }
        return futures;
    }

    @Override
    public final <T> T invokeAny(Collection<? extends Callable<T>> tasks)
            throws InterruptedException, ExecutionException {
        try {
            return invokeAny(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("centuries have passed", e);
        }
    }

    @Override
    public final <T> T invokeAny(
            Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException("there are no tasks");
        }
        var futures = start(tasks);
        ExecutionException failure = null;
        try {
            for (var future :
                    Pool.asCompleted(futures, Duration.of(timeout, unit.toChronoUnit()))) {
                try {
                    return future.get();
                } catch (ExecutionException e) {
                    failure = e;
                }
            }
        } catch (CallTimeoutException e) {
            throw new TimeoutException(e.getMessage());
        } catch (CancellationException e) {
            Thread.interrupted();
            throw new InterruptedException(e.getMessage());
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
        throw Objects.requireNonNull(failure, "no task has ended");
    }

    @Override
    public final void shutdown(boolean cancelPending) {
        shutdown();
        if (cancelPending) {
            abandon(false).forEach(future -> future.cancel(false));
        }
    }

    /// The tasks that it returns are the futures of the calls; to run one does nothing.
    @Override
    public final List<Runnable> shutdownNow() {
        var abandoned = abandon(true);
        var waiting = abandoned.stream().filter(future -> !future.isRunning()).toList();
        abandoned.forEach(future -> future.cancel(true));
        return waiting.stream().<Runnable>map(_ -> () -> {}).toList();
    }

    @Override
    public final boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return awaitTermination(Duration.of(timeout, unit.toChronoUnit()));
    }

    @Override
    public final void close() {
        shutdown();
        var interrupted = false;
        while (true) {
            try {
                if (awaitTermination(Duration.ofDays(1))) {
                    break;
                }
            } catch (InterruptedException _) {
                interrupted = true;
                shutdownNow();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
