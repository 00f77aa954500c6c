package dev.muster.parallel;

import dev.muster.parallel.child.ChildOptions;
import dev.muster.parallel.child.Children;
import dev.muster.parallel.child.ClassSource;
import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.RemoteFunction;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Calls in child processes: makes bytes of calls, hands them to [Children], and makes results of
/// the bytes that come back.
final class ProcessPool extends AbstractPool {
    private final Children children;
    private final Values values;

    ProcessPool(int size, ProcessOptions options) {
        var loader = loader();
        children = new Children(size, childOptions(options, loader), ClassSource.of(loader));
        values = new Values(loader, options.filter, children.folder());
    }

    /// That of the program, even when it was compiled in memory.
    private static ClassLoader loader() {
        var loader = Thread.currentThread().getContextClassLoader();
        return loader == null ? ClassLoader.getSystemClassLoader() : loader;
    }

    private static ChildOptions childOptions(ProcessOptions options, ClassLoader loader) {
        try {
            var initializer = options.initializer;
            return new ChildOptions(
                    options.name,
                    List.of(),
                    options.jvmOptions,
                    options.environment,
                    options.workingDirectory,
                    options.maxTasksPerChild,
                    options.maxMemoryPerChild,
                    initializer == null
                            ? null
                            : Code.of(initializer, new Values(loader, options.filter, null)),
                    options.filter,
                    options.output);
        } catch (IOException e) {
            throw new UncheckedIOException("the initializer cannot be sent to children: " + e, e);
        }
    }

    @Override
    <R extends @Nullable Object> PoolFuture<R> call(
            @Nullable Duration limit, RemoteFunction function, @Nullable Object... arguments) {
        if (isShutdown()) {
            throw new RejectedExecutionException("the pool is shut down");
        }
        try {
            var job = new Call<R>(Code.of(function, values), values.packAll(arguments), limit);
            children.submit(job);
            return job.future;
        } catch (IOException | RuntimeException e) {
            if (e instanceof RejectedExecutionException rejected) {
                throw rejected;
            }
            var failed = new Unsent<R>();
            failed.completeExceptionally(e);
            return failed;
        }
    }

    /// A call that failed before it was sent.
    private static final class Unsent<R extends @Nullable Object> extends PoolFuture<R> {
        @Override
        public boolean isRunning() {
            return false;
        }

        @Override
        void giveUp(boolean mayInterrupt) {}
    }

    private final class Call<R extends @Nullable Object> extends Job {
        private final PoolFuture<R> future = new Result();

        Call(Code code, Packed arguments, @Nullable Duration limit) {
            super(code, arguments, limit);
        }

        private final class Result extends PoolFuture<R> {
            @Override
            public boolean isRunning() {
                return children.isRunning(Call.this);
            }

            @Override
            void giveUp(boolean mayInterrupt) {
                children.cancel(Call.this, mayInterrupt);
            }
        }

        @Override
        protected void ended(Ending ending) {
            try {
                end(ending);
            } catch (OutOfMemoryError e) {
                future.completeExceptionally(
                        new OutOfMemoryError(
                                "the result of the call does not fit into the heap of this JVM; return large data as a ByteBuffer, which needs none"));
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        }

        @SuppressWarnings("unchecked") // it is what the function has returned
        private void end(Ending ending) throws IOException, ClassNotFoundException {
            switch (ending) {
                case Ending.Returned(var value) -> future.complete((R) values.unpack(value));
                case Ending.Threw(var thrown) -> future.completeExceptionally(throwable(thrown));
                case Ending.Died(var child, var exitStatus, var lastLines) ->
                        future.completeExceptionally(
                                new WorkerProcessDiedException(child, exitStatus, lastLines));
                case Ending.TimedOut(var limit) ->
                        future.completeExceptionally(new CallTimeoutException("the call", limit));
                case Ending.Refused(var reason, var thrown) ->
                        future.completeExceptionally(
                                new PoolBrokenException(
                                        reason, thrown == null ? null : throwable(thrown)));
            }
        }
    }

    private Throwable throwable(Packed thrown) throws IOException, ClassNotFoundException {
        return (Throwable) Objects.requireNonNull(values.unpack(thrown));
    }

    @Override
    public int size() {
        return children.size();
    }

    @Override
    public void resize(int size) {
        children.resize(size);
    }

    @Override
    public void shutdown() {
        children.shutdown();
    }

    @Override
    List<PoolFuture<?>> abandon(boolean running) {
        return children.abandon(running).stream()
                .<PoolFuture<?>>map(job -> ((Call<?>) job).future)
                .toList();
    }

    @Override
    public boolean isShutdown() {
        return children.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return children.isTerminated();
    }

    @Override
    public boolean awaitTermination(Duration limit) throws InterruptedException {
        return children.awaitTermination(limit);
    }
}
