package dev.muster.parallel;

import dev.muster.parallel.base.Checks;
import dev.muster.parallel.base.Failures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Runs calls side by side, each on a virtual thread, and waits for them.
///
/// Calls are structured: whichever way a method here ends, the threads that it has started have
/// ended before. What is not needed any more is cancelled by an interrupt, so a call that ignores
/// interrupts delays the return. When the caller is interrupted, its calls are, too. What a call
/// throws is the cause of an [ExecutionException]; failures of other calls are attached to it as
/// suppressed.
public final class Async {
    private Async() {}

    /// Runs all calls at once.
    ///
    /// @return the results in the order of the calls
    /// @throws ExecutionException when a call fails; the others are cancelled
    public static <T extends @Nullable Object> List<T> gather(
            Collection<? extends Callable<? extends T>> calls)
            throws InterruptedException, ExecutionException {
        return gather(Math.max(1, calls.size()), calls);
    }

    /// Runs all calls, but no more than `limit` at the same time.
    ///
    /// @return the results in the order of the calls
    /// @throws ExecutionException when a call fails; the others are cancelled or not started
    public static <T extends @Nullable Object> List<T> gather(
            int limit, Collection<? extends Callable<? extends T>> calls)
            throws InterruptedException, ExecutionException {
        Checks.positive("limit", limit);
        var results = new ArrayList<CallGroup.@Nullable Outcome<T>>();
        try (var group = new CallGroup<T>()) {
            for (var call : calls) {
                if (results.size() >= limit) {
                    store(group, results);
                }
                group.start(results.size(), call);
                results.add(null);
            }
            while (group.isRunning()) {
                store(group, results);
            }
        }
        return results.stream().map(Async::value).toList();
    }

    private static <T extends @Nullable Object> void store(
            CallGroup<T> group, List<CallGroup.@Nullable Outcome<T>> results)
            throws InterruptedException, ExecutionException {
        var outcome = group.take();
        var failure = outcome.failure();
        if (failure != null) {
            throw group.end(failure);
        }
        results.set(outcome.index(), outcome);
    }

    private static <T extends @Nullable Object> T value(CallGroup.@Nullable Outcome<T> outcome) {
        if (outcome == null) {
            throw new IllegalStateException("a call has no outcome");
        }
        return outcome.value();
    }

    /// Runs all calls at once until one succeeds, and cancels the others.
    ///
    /// @throws ExecutionException when all fail
    /// @throws IllegalArgumentException when there are none
    public static <T extends @Nullable Object> T race(
            Collection<? extends Callable<? extends T>> calls)
            throws InterruptedException, ExecutionException {
        if (calls.isEmpty()) {
            throw new IllegalArgumentException("a race needs at least one call");
        }
        try (var group = new CallGroup<T>()) {
            var index = 0;
            for (var call : calls) {
                group.start(index++, call);
            }
            Throwable first = null;
            while (group.isRunning()) {
                var outcome = group.take();
                var failure = outcome.failure();
                if (failure == null) {
                    return outcome.value();
                }
                first = Failures.merge(first, failure);
            }
            throw new ExecutionException(first);
        }
    }

    /// Runs a call, and cancels it when it takes too long.
    ///
    /// @throws TimeoutException when it was cancelled
    /// @throws ExecutionException when it failed
    public static <T extends @Nullable Object> T withTimeout(
            Duration limit, Callable<? extends T> call)
            throws InterruptedException, ExecutionException, TimeoutException {
        try (var group = new CallGroup<T>()) {
            group.start(0, call);
            var outcome = group.poll(limit);
            if (outcome == null) {
                throw new TimeoutException("not done after " + limit.toMillis() + " ms");
            }
            var failure = outcome.failure();
            if (failure != null) {
                throw new ExecutionException(failure);
            }
            return outcome.value();
        }
    }
}
