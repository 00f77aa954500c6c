package dev.muster.parallel;

import dev.muster.parallel.wire.OfChunk;
import dev.muster.parallel.wire.RemoteFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
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
final class Mapping<R extends @Nullable Object> {
    private final MapOptions options;
    private final long start = System.nanoTime();

    /// Their values are results, or lists of results.
    private final List<PoolFuture<Object>> calls = new ArrayList<>();

    /// @param items the arguments for each call of the function
    Mapping(
            Calls pool,
            RemoteFunction function,
            Iterator<@Nullable Object[]> items,
            MapOptions options) {
        this.options = options;
        if (options.chunkSize() == 1) {
            items.forEachRemaining(arguments -> calls.add(pool.call(function, arguments)));
            return;
        }
        while (items.hasNext()) {
            var chunk = new ArrayList<@Nullable Object>();
            var arity = 0;
            for (var left = options.chunkSize(); left > 0 && items.hasNext(); left--) {
                var arguments = items.next();
                arity = arguments.length;
                chunk.addAll(Arrays.asList(arguments));
            }
            calls.add(pool.call(new OfChunk(function, arity), chunk.toArray()));
        }
    }

    @SuppressWarnings("unchecked") // what the functions return
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

    /// From the last one on, so that the end of one does not let the next one begin.
    private void cancel() {
        calls.reversed().forEach(call -> call.cancel(true));
    }
}
