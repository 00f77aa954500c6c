package dev.muster.parallel;

import dev.muster.parallel.base.Failures;
import dev.muster.parallel.base.Joins;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Calls on virtual threads that end with the group. Used by the thread that made it.
final class CallGroup<T extends @Nullable Object> implements AutoCloseable {
    /// How a call ended.
    ///
    /// @param failure null when it returned
    record Outcome<T extends @Nullable Object>(int index, T value, @Nullable Throwable failure) {}

    private final Map<Integer, Thread> running = new HashMap<>();
    private final LinkedBlockingQueue<Outcome<T>> ended = new LinkedBlockingQueue<>();

    void start(int index, Callable<? extends T> call) {
        running.put(index, Thread.ofVirtual().name("async-" + index).start(() -> run(index, call)));
    }

    @SuppressWarnings("NullAway") // nobody reads the value of a call that failed
    private void run(int index, Callable<? extends T> call) {
        Outcome<T> outcome;
        try {
            outcome = new Outcome<>(index, call.call(), null);
        } catch (Throwable e) {
            outcome = new Outcome<>(index, null, e);
        }
        ended.add(outcome);
    }

    boolean isRunning() {
        return !running.isEmpty();
    }

    Outcome<T> take() throws InterruptedException {
        var outcome = ended.take();
        running.remove(outcome.index());
        return outcome;
    }

    /// Null when none has ended in time.
    @Nullable Outcome<T> poll(Duration limit) throws InterruptedException {
        var outcome = ended.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (outcome != null) {
            running.remove(outcome.index());
        }
        return outcome;
    }

    /// Cancels what still runs, and makes the exception that tells of a failure.
    ExecutionException end(Throwable failure) {
        close();
        for (var other = ended.poll(); other != null; other = ended.poll()) {
            var late = other.failure();
            if (late != null && !(late instanceof InterruptedException)) {
                Failures.merge(failure, late);
            }
        }
        return new ExecutionException(failure);
    }

    /// Cancels what still runs, and waits for its end.
    @Override
    public void close() {
        running.values().forEach(Thread::interrupt);
        running.values().forEach(Joins::uninterruptibly);
        running.clear();
    }
}
