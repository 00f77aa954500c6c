package dev.muster.parallel;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/// Runs calls at the same time, on threads or in child processes: one word changes which.
///
/// ```java
/// try (var pool = Pool.processes(4)) {
///     List<Long> fibs = pool.map(Fib::fib, List.of(34, 34, 34, 34));
///     PoolFuture<Long> one = pool.submit(Fib::fib, 38);
/// }
/// ```
///
/// - **Threads** share all data, and cost little. They are right for most code in Java.
/// - **Virtual threads** are for many calls that wait for others: the network, a database.
/// - **Processes** are for calls that may crash, leak, or never end: native code, `System.exit`,
///   code of others. Arguments and results are copied, so they must be serializable.
///
/// A pool is an [ExecutorService]: what takes one takes a pool. [#close] waits for all calls.
/// Thread-safe.
public interface Pool extends ExecutorService, Calls {
    /// As many threads as this JVM may use processors.
    static Pool threads() {
        return threads(processors());
    }

    /// So many threads, started when they are needed.
    static Pool threads(int size) {
        return ThreadPool.ofPlatformThreads(size);
    }

    /// A virtual thread for each call.
    static Pool virtual() {
        return virtual(Integer.MAX_VALUE);
    }

    /// Virtual threads, but no more than so many at once.
    static Pool virtual(int size) {
        return ThreadPool.ofVirtualThreads(size);
    }

    /// As many child processes as this JVM may use processors.
    static Pool processes() {
        return processes(processors());
    }

    /// So many child processes, started when they are needed. Each is a JVM with the class path of
    /// this one, and runs one call at a time.
    ///
    /// A child that dies takes only the call with it that it runs, which fails with a
    /// [WorkerProcessDiedException]; another one takes its place. When this JVM ends, even by a
    /// signal that it cannot catch, its children end.
    static Pool processes(int size) {
        return processes(size, ProcessOptions.DEFAULT);
    }

    /// The same with other options.
    static Pool processes(int size, ProcessOptions options) {
        return new ProcessPool(size, options);
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /// The same pool for calls that may run no longer than `limit`, from their start. A call that
    /// does is ended as by [PoolFuture#cancel], and fails with a [CallTimeoutException]: its
    /// process is killed, or its thread is interrupted.
    Calls withTimeout(Duration limit);

    /// How many calls can run at once.
    int size();

    /// Changes how many calls can run at once. Calls that run go on.
    void resize(int size);

    /// Takes no more calls.
    ///
    /// @param cancelPending whether those that have not begun are cancelled, or run
    void shutdown(boolean cancelPending);

    /// Takes no more calls, and waits for the end of all. When the thread is interrupted, those
    /// that run are cancelled.
    @Override
    void close();

    /// The futures in the order in which they are completed. The loop over them waits for the next
    /// one.
    ///
    /// @throws java.util.concurrent.CancellationException in the loop, when the thread is
    ///   interrupted, which it stays
    static <F extends CompletableFuture<?>> Iterable<F> asCompleted(Collection<F> futures) {
        return new Completions<>(futures, null, () -> {});
    }

    /// The same with a time limit from the begin of the loop.
    ///
    /// @throws CallTimeoutException in the loop, when the next one is not completed in time
    static <F extends CompletableFuture<?>> Iterable<F> asCompleted(
            Collection<F> futures, Duration limit) {
        return new Completions<>(futures, limit, () -> {});
    }

    /// Waits for some futures, or for all.
    static <F extends CompletableFuture<?>> Waited<F> waitFor(
            Collection<F> futures, WaitUntil until) throws InterruptedException {
        return waitFor(futures, until, Duration.ofNanos(Long.MAX_VALUE));
    }

    /// Waits for some futures, or for all, but no longer than `limit`.
    static <F extends CompletableFuture<?>> Waited<F> waitFor(
            Collection<F> futures, WaitUntil until, Duration limit) throws InterruptedException {
        var missing =
                new CountDownLatch(
                        until == WaitUntil.FIRST_COMPLETED
                                ? Math.min(1, futures.size())
                                : futures.size());
        for (var future : futures) {
            var _ =
                    future.whenComplete((_, failure) -> {
                        missing.countDown();
                        if (failure != null && until == WaitUntil.FIRST_EXCEPTION) {
                            while (missing.getCount() > 0) {
                                missing.countDown();
                            }
                        }
                    });
        }
        var _ = missing.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        return new Waited<>(
                futures.stream().filter(CompletableFuture::isDone).toList(),
                futures.stream().filter(future -> !future.isDone()).toList());
    }
}
