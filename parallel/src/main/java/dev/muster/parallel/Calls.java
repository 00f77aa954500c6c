package dev.muster.parallel;

import dev.muster.parallel.SerializableFunction.Of0;
import dev.muster.parallel.SerializableFunction.Of1;
import dev.muster.parallel.SerializableFunction.Of2;
import dev.muster.parallel.SerializableFunction.Of3;
import dev.muster.parallel.SerializableFunction.Of4;
import dev.muster.parallel.SerializableFunction.VoidOf0;
import dev.muster.parallel.SerializableFunction.VoidOf1;
import dev.muster.parallel.SerializableFunction.VoidOf2;
import dev.muster.parallel.SerializableFunction.VoidOf3;
import dev.muster.parallel.SerializableFunction.VoidOf4;
import dev.muster.parallel.wire.RemoteFunction;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Calls functions somewhere else, with their types kept. See [Pool].
///
/// A call that fails completes its future with what it has thrown. Callbacks of a future
/// (`thenAccept`) run on a thread that others need, so one that takes long is given by the `Async`
/// variants (`thenAcceptAsync`) to another.
public interface Calls {
    /// Calls a function with any arguments. All other methods come down to this one.
    ///
    /// @param arguments in the number and of the types that the function takes
    /// @throws java.util.concurrent.RejectedExecutionException after a shutdown
    <R extends @Nullable Object> PoolFuture<R> call(
            RemoteFunction function, @Nullable Object... arguments);

    /// Calls a function of no argument.
    default <R extends @Nullable Object> PoolFuture<R> submit(Of0<R> function) {
        return call(function);
    }

    /// Calls a function of 1 argument.
    default <A extends @Nullable Object, R extends @Nullable Object> PoolFuture<R> submit(
            Of1<A, R> function, A a) {
        return call(function, a);
    }

    /// Calls a function of 2 arguments.
    default <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
            PoolFuture<R> submit(Of2<A, B, R> function, A a, B b) {
        return call(function, a, b);
    }

    /// Calls a function of 3 arguments.
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            PoolFuture<R> submit(Of3<A, B, C, R> function, A a, B b, C c) {
        return call(function, a, b, c);
    }

    /// Calls a function of 4 arguments.
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            PoolFuture<R> submit(Of4<A, B, C, D, R> function, A a, B b, C c, D d) {
        return call(function, a, b, c, d);
    }

    /// Runs a procedure of no argument.
    default PoolFuture<@Nullable Void> run(VoidOf0 procedure) {
        return call(procedure);
    }

    /// Runs a procedure of 1 argument.
    default <A extends @Nullable Object> PoolFuture<@Nullable Void> run(VoidOf1<A> procedure, A a) {
        return call(procedure, a);
    }

    /// Runs a procedure of 2 arguments.
    default <A extends @Nullable Object, B extends @Nullable Object> PoolFuture<@Nullable Void> run(
            VoidOf2<A, B> procedure, A a, B b) {
        return call(procedure, a, b);
    }

    /// Runs a procedure of 3 arguments.
    default <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
            PoolFuture<@Nullable Void> run(VoidOf3<A, B, C> procedure, A a, B b, C c) {
        return call(procedure, a, b, c);
    }

    /// Runs a procedure of 4 arguments.
    default <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            PoolFuture<@Nullable Void> run(VoidOf4<A, B, C, D> procedure, A a, B b, C c, D d) {
        return call(procedure, a, b, c, d);
    }

    /// Calls a function for each item, and waits for all.
    ///
    /// @return the results in the order of the items
    /// @throws CallFailedException when a call fails; the others are cancelled
    /// @throws java.util.concurrent.CancellationException when the thread is interrupted, which it
    ///   stays; all calls are cancelled
    default <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Of1<A, R> function, Iterable<? extends A> items) {
        return map(function, items, MapOptions.DEFAULT);
    }

    /// The same with a time limit for all of it, or with several items to a call.
    ///
    /// @throws CallTimeoutException when it took too long; what is left is cancelled
    default <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
            Of1<A, R> function, Iterable<? extends A> items, MapOptions options) {
        return new Mapping<R>(this, function, Arguments.ofItems(items), options).inOrder();
    }

    /// Calls a function for each item, and gives the results as they come.
    ///
    /// @return waits for the next result when it is asked for it, and throws what [#map] does.
    ///   Closed early, it cancels what is left
    default <A extends @Nullable Object, R extends @Nullable Object> Stream<R> mapUnordered(
            Of1<A, R> function, Iterable<? extends A> items) {
        return mapUnordered(function, items, MapOptions.DEFAULT);
    }

    /// The same with a time limit for all of it, or with several items to a call.
    default <A extends @Nullable Object, R extends @Nullable Object> Stream<R> mapUnordered(
            Of1<A, R> function, Iterable<? extends A> items, MapOptions options) {
        return new Mapping<R>(this, function, Arguments.ofItems(items), options).asTheyCome();
    }

    /// Calls a function of two arguments for each pair, and waits for all. Pairs are made by
    /// `Map.entry(2, 3)`, or are the entries of a map.
    ///
    /// @return the results in the order of the pairs
    /// @throws CallFailedException when a call fails; the others are cancelled
    default <A, B, R extends @Nullable Object> List<R> starmap(
            Of2<A, B, R> function, Iterable<? extends Map.Entry<A, B>> pairs) {
        return starmap(function, pairs, MapOptions.DEFAULT);
    }

    /// The same with a time limit for all of it, or with several pairs to a call.
    default <A, B, R extends @Nullable Object> List<R> starmap(
            Of2<A, B, R> function, Iterable<? extends Map.Entry<A, B>> pairs, MapOptions options) {
        return new Mapping<R>(this, function, Arguments.ofPairs(pairs), options).inOrder();
    }
}
