package dev.muster.parallel;

import dev.muster.parallel.SerializableFunction.Of1;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// The calls of one `map`. Each has an item, or a chunk of them.
final class Mapping<A extends @Nullable Object, R extends @Nullable Object> {
    private final MapOptions options;
    private final long start = System.nanoTime();

    /// Their values are results, or lists of results.
    private final List<PoolFuture<Object>> calls = new ArrayList<>();

    Mapping(Calls pool, Of1<A, R> function, Iterable<? extends A> items, MapOptions options) {
        this.options = options;
        if (options.chunkSize() == 1) {
            items.forEach(item -> calls.add(pool.call(function, item)));
        } else {
            startChunks(pool, function, items);
        }
    }

    private void startChunks(Calls pool, Of1<A, R> function, Iterable<? extends A> items) {
        Of1<List<A>, List<R>> ofChunk = chunk -> apply(function, chunk);
        var chunk = new ArrayList<A>();
        for (var item : items) {
            chunk.add(item);
            if (chunk.size() == options.chunkSize()) {
                calls.add(pool.call(ofChunk, chunk));
                chunk = new ArrayList<>();
            }
        }
        if (!chunk.isEmpty()) {
            calls.add(pool.call(ofChunk, chunk));
        }
    }

    @SuppressWarnings("NullAway") // an item is null where A is
    private static <A extends @Nullable Object, R extends @Nullable Object> List<R> apply(
            Of1<A, R> function, List<A> items) throws Exception {
        var results = new ArrayList<R>(items.size());
        for (var item : items) {
            results.add(function.call(item));
        }
        return results;
    }

    @SuppressWarnings("unchecked") // what the functions above return
    private List<R> results(Object value) {
        return options.chunkSize() == 1 ? Collections.singletonList((R) value) : (List<R>) value;
    }

    List<R> inOrder() {
        var results = new ArrayList<R>();
        for (var index = 0; index < calls.size(); index++) {
            results.addAll(results(value(index, calls.get(index))));
        }
        return results;
    }

    Stream<R> asTheyCome() {
        var indexes = new IdentityHashMap<PoolFuture<Object>, Integer>();
        calls.forEach(call -> indexes.put(call, indexes.size()));
        var completed = new Completions<>(calls, timeLeft(), this::cancel).iterator();
        return StreamSupport.stream(
                        Spliterators.spliterator(completed, calls.size(), Spliterator.NONNULL),
                        false)
                .flatMap(call -> results(value(indexes.getOrDefault(call, 0), call)).stream())
                .onClose(this::cancel);
    }

    private @Nullable Duration timeLeft() {
        var timeout = options.timeout();
        return timeout == null ? null : timeout.minusNanos(System.nanoTime() - start);
    }

    private Object value(int index, PoolFuture<Object> call) {
        var left = timeLeft();
        try {
            return left == null ? call.get() : call.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            cancel();
            throw new CallFailedException(
                    index * options.chunkSize(), Objects.requireNonNull(e.getCause()));
        } catch (TimeoutException e) {
            cancel();
            throw Completions.tooLate(options.timeout());
        } catch (InterruptedException e) {
            cancel();
            throw Completions.interrupted();
        }
    }

    private void cancel() {
        calls.forEach(call -> call.cancel(true));
    }
}
