package dev.muster.parallel;

import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;
import dev.muster.parallel.child.JobRunner;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.RemoteFunction;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Calls in other processes: makes bytes of calls, hands them to a [JobRunner], and makes results
/// of the bytes that come back. Extended by the pools of this room.
public abstract class JobPool extends AbstractPool {
    private final JobRunner runner;
    private final Values values;

    /// @param runner runs calls as bytes
    /// @param values makes bytes of calls, and values of results
    protected JobPool(JobRunner runner, Values values) {
        this.runner = runner;
        this.values = values;
    }

    @Override
    <R extends @Nullable Object> PoolFuture<R> call(
            @Nullable Duration limit, RemoteFunction function, @Nullable Object... arguments) {
        if (isShutdown()) {
            throw new RejectedExecutionException("the pool is shut down");
        }
        try {
            var job = new Call<R>(Code.of(function, values), values.packAll(arguments), limit);
            runner.submit(job);
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
                return runner.isRunning(Call.this);
            }

            @Override
            void giveUp(boolean mayInterrupt) {
                runner.cancel(Call.this, mayInterrupt);
            }
        }

        @Override
        protected void ended(Ending ending) {
            Endings.complete(future, ending, values);
        }
    }

    @Override
    public int size() {
        return runner.size();
    }

    @Override
    public void resize(int size) {
        runner.resize(size);
    }

    @Override
    public void shutdown() {
        runner.shutdown();
    }

    @Override
    List<PoolFuture<?>> abandon(boolean running) {
        return runner.abandon(running).stream()
                .<PoolFuture<?>>map(job -> ((Call<?>) job).future)
                .toList();
    }

    @Override
    public boolean isShutdown() {
        return runner.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return runner.isTerminated();
    }

    @Override
    boolean awaitTermination(Duration limit) throws InterruptedException {
        return runner.awaitTermination(limit);
    }
}
