package dev.muster.parallel;

import dev.muster.parallel.base.Checks;
import dev.muster.parallel.wire.RemoteFunction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Calls on threads of this JVM. A thread is started when a call finds none that is idle, takes one
/// call after the other, and ends when it has had nothing to do for a while.
final class ThreadPool extends AbstractPool {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final ThreadFactory threads;
    private final Duration idleTime;
    private final CountDownLatch terminated = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();

    // All of these are guarded by the lock.
    private final ArrayDeque<Call<?>> waiting = new ArrayDeque<>();
    private final Set<Call<?>> running = new HashSet<>();
    private int size;
    private int started;
    private int idle;
    private boolean shutdown;

    private ThreadPool(int size, ThreadFactory threads, Duration idleTime) {
        this.size = Checks.positive("size", size);
        this.threads = threads;
        this.idleTime = idleTime;
    }

    static ThreadPool ofPlatformThreads(int size) {
        var name = "pool-%d-thread-".formatted(NUMBERS.incrementAndGet());
        return new ThreadPool(
                size, Thread.ofPlatform().name(name, 1).factory(), Duration.ofSeconds(10));
    }

    /// They cost too little to keep idle ones.
    static ThreadPool ofVirtualThreads(int size) {
        var name = "pool-%d-virtual-".formatted(NUMBERS.incrementAndGet());
        return new ThreadPool(size, Thread.ofVirtual().name(name, 1).factory(), Duration.ZERO);
    }

    @Override
    <R extends @Nullable Object> PoolFuture<R> call(
            @Nullable Duration limit, RemoteFunction function, @Nullable Object... arguments) {
        var call = new Call<R>(limit, function, arguments);
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("the pool is shut down");
            }
            waiting.add(call);
            if (idle >= waiting.size()) {
                work.signal();
            } else if (started < size) {
                started++;
                threads.newThread(this::work).start();
            }
        } finally {
            lock.unlock();
        }
        return call;
    }

    private void work() {
        for (var call = next(); call != null; call = next()) {
            call.run();
            lock.lock();
            try {
                running.remove(call);
            } finally {
                lock.unlock();
            }
        }
    }

    /// Null when the thread is not needed any more.
    private @Nullable Call<?> next() {
        lock.lock();
        try {
            var nanos = idleTime.toNanos();
            while (started <= size && waiting.isEmpty() && !shutdown && nanos > 0) {
                idle++;
                try {
                    nanos = work.awaitNanos(nanos);
                } catch (InterruptedException _) {
                    // Meant for a call that is over.
                } finally {
                    idle--;
                }
            }
            if (started <= size && !waiting.isEmpty()) {
                var call = waiting.remove();
                running.add(call);
                return call;
            }
            started--;
            endIfDone();
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void endIfDone() {
        if (shutdown && started == 0 && waiting.isEmpty()) {
            terminated.countDown();
        }
    }

    /// A call, and its future.
    private static final class Call<R extends @Nullable Object> extends PoolFuture<R> {
        private final @Nullable Duration limit;
        private final RemoteFunction function;
        private final @Nullable Object[] arguments;

        /// The thread that runs it. Guarded by this object, so that an interrupt that is meant for
        /// this call does not hit the next one.
        private @Nullable Thread runner;

        private Call(
                @Nullable Duration limit, RemoteFunction function, @Nullable Object[] arguments) {
            this.limit = limit;
            this.function = function;
            this.arguments = arguments;
        }

        private void run() {
            if (!begin()) {
                return;
            }
            try {
                var value = apply();
                end();
                complete(value);
            } catch (Throwable e) {
                end();
                completeExceptionally(e);
            }
        }

        @SuppressWarnings({"unchecked", "NullAway"}) // it is what the function returns
        private R apply() throws Exception {
            return (R) function.apply(arguments);
        }

        private synchronized boolean begin() {
            if (isDone()) {
                return false;
            }
            runner = Thread.currentThread();
            if (limit != null) {
                CompletableFuture.delayedExecutor(limit.toNanos(), TimeUnit.NANOSECONDS)
                        .execute(() -> timeOut(limit));
            }
            return true;
        }

        private synchronized void timeOut(Duration passed) {
            if (runner != null) {
                completeExceptionally(new CallTimeoutException("the call", passed));
                runner.interrupt();
            }
        }

        private synchronized void end() {
            runner = null;
            Thread.interrupted();
        }

        @Override
        public synchronized boolean isRunning() {
            return runner != null;
        }

        @Override
        synchronized void giveUp(boolean mayInterrupt) {
            if (mayInterrupt && runner != null) {
                runner.interrupt();
            }
        }
    }

    @Override
    public int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void resize(int newSize) {
        Checks.positive("size", newSize);
        lock.lock();
        try {
            size = newSize;
            work.signalAll();
            while (started < size && started - running.size() < waiting.size()) {
                started++;
                threads.newThread(this::work).start();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void shutdown() {
        lock.lock();
        try {
            shutdown = true;
            work.signalAll();
            endIfDone();
        } finally {
            lock.unlock();
        }
    }

    @Override
    List<PoolFuture<?>> abandon(boolean alsoRunning) {
        shutdown();
        lock.lock();
        try {
            var abandoned = new ArrayList<PoolFuture<?>>(waiting);
            waiting.clear();
            if (alsoRunning) {
                abandoned.addAll(running);
            }
            endIfDone();
            return abandoned;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isShutdown() {
        lock.lock();
        try {
            return shutdown;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isTerminated() {
        return terminated.getCount() == 0;
    }

    @Override
    boolean awaitTermination(Duration limit) throws InterruptedException {
        return terminated.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
