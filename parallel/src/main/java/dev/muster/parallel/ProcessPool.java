package dev.muster.parallel;

import dev.muster.parallel.child.Children;
import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.RemoteFunction;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Calls in child processes: makes bytes of calls, hands them to [Children], and makes results of
/// the bytes that come back.
final class ProcessPool extends AbstractPool {
    private final Children children;
    private final Values values;

    ProcessPool(int size, ProcessOptions options) {
        children = options.children(size);
        values = options.values(children);
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
            Endings.complete(future, ending, values);
        }
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
