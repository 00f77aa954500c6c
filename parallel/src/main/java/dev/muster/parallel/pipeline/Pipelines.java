package dev.muster.parallel.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// Builds pipelines into which values are pushed. Each method takes the stages that come after its
/// own, so a pipeline reads from its source to its end; the methods are meant to be imported:
///
/// ```java
/// import static dev.muster.parallel.pipeline.Pipelines.*;
///
/// cat(file, fanout(grep("love", count(print)), grep("hope", count(print))));
/// ```
///
/// A source ([#cat(Path, Stage)], [#feed]) sends all it has and closes the pipeline. A pipeline
/// without one is used by [Stage#send] and [Stage#close]. All runs on the thread of the sender, one
/// value at a time, except behind [#buffer] and in [#parallel]. Plain functions that follow each
/// other cost what a loop over their calls costs, and are open or closed together; a coroutine
/// costs a switch of threads for each value.
///
/// When a stage throws, a source raises the exception in the whole pipeline, so that coroutines
/// clean up and totals are not sent, and throws it.
public final class Pipelines {
    /// Prints each value on a line of the standard output. As that stays open, so does this stage:
    /// it can be the end of several pipelines.
    @SuppressWarnings("ConstantField") // reads as the word it is: count(print)
    public static final Stage<Object> print = new PrintStage();

    private Pipelines() {}

    /// Sends a file in blocks of whole lines.
    ///
    /// @throws UncheckedIOException when it cannot be read
    public static void cat(Path file, Stage<? super Text> next) {
        drive(
                next,
                () -> {
                    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                        TextSource.send(
                                (target, from, length) ->
                                        channel.read(ByteBuffer.wrap(target, from, length)),
                                next);
                    } catch (IOException e) {
                        throw new UncheckedIOException(
                                "%s cannot be read: %s".formatted(file, e), e);
                    }
                });
    }

    /// Sends what a stream has in blocks of whole lines. The stream is left open.
    ///
    /// @throws UncheckedIOException when it cannot be read
    public static void cat(InputStream stream, Stage<? super Text> next) {
        drive(
                next,
                () -> {
                    try {
                        TextSource.send(stream::read, next);
                    } catch (IOException e) {
                        throw new UncheckedIOException("the input cannot be read: " + e, e);
                    }
                });
    }

    /// Sends each value of a collection, a [Generator], or any other iterator.
    public static <T> void feed(Iterator<? extends T> values, Stage<? super T> next) {
        feed(once(values), next);
    }

    /// Sends each value of a collection.
    public static <T> void feed(Iterable<? extends T> values, Stage<? super T> next) {
        drive(
                next,
                () -> {
                    if (next instanceof FunctionStage<? super T> functions) {
                        functions.sendAll(values);
                    } else {
                        values.forEach(next::send);
                    }
                });
    }

    private static <T> Iterable<T> once(Iterator<T> values) {
        return () -> values;
    }

    private static void drive(Stage<?> stage, Runnable source) {
        try {
            source.run();
        } catch (Throwable failure) {
            Ends.abort(stage, failure);
            throw failure;
        }
        stage.close();
    }

    /// Sends what the function makes of each value.
    public static <I, O> Stage<I> map(
            Function<? super I, ? extends O> function, Stage<? super O> next) {
        return FunctionStage.of(Step.Kind.MAP, function, next);
    }

    /// Sends the values that meet the condition.
    public static <T> Stage<T> filter(Predicate<? super T> condition, Stage<? super T> next) {
        return FunctionStage.of(Step.Kind.FILTER, condition, next);
    }

    /// Sends each of the values that the function makes of a value.
    public static <I, O> Stage<I> flatMap(
            Function<? super I, ? extends Iterable<? extends O>> function, Stage<? super O> next) {
        return FunctionStage.of(Step.Kind.FLAT_MAP, function, next);
    }

    /// Shows each value to an observer, then sends it.
    public static <T> Stage<T> tee(Consumer<? super T> observer, Stage<? super T> next) {
        return FunctionStage.of(Step.Kind.TEE, observer, next);
    }

    /// The end of a pipeline: hands each value to a consumer, such as `list::add`.
    public static <T> Stage<T> sink(Consumer<? super T> consumer) {
        return FunctionStage.of(Step.Kind.TEE, consumer, DropStage.DROP);
    }

    /// Sends lists of `size` values; the last one may be shorter.
    public static <T> Stage<T> batch(int size, Stage<? super List<T>> next) {
        return new BatchStage<>(size, next);
    }

    /// Sends each value to all branches, in their order.
    @SafeVarargs
    public static <T> Stage<T> fanout(Stage<? super T>... branches) {
        var list = new ArrayList<Stage<? super T>>();
        for (var branch : branches) {
            list.add(branch);
        }
        return new FanoutStage<T>(list);
    }

    /// Sends each value to all branches, in their order.
    public static <T> Stage<T> fanout(List<? extends Stage<? super T>> branches) {
        return new FanoutStage<T>(branches);
    }

    /// Several entrances to one stage, which is closed when all of them are. Each may be used by a
    /// thread of its own; `next` is used by one at a time.
    public static <T> List<Stage<T>> merge(int inputs, Stage<? super T> next) {
        return MergeStage.inputs(inputs, next);
    }

    /// Pairs the values of two entrances in their order. It ends with the shorter side; what the
    /// other one sends then is dropped.
    ///
    /// @param capacity how many values a side may be ahead. Then its sender waits for the other
    ///   side, so both are to be fed by threads of their own, or within this distance.
    public static <A, B, C> Zip<A, B> zip(
            int capacity,
            BiFunction<? super A, ? super B, ? extends C> function,
            Stage<? super C> next) {
        return new ZipStage<A, B, C>(capacity, function, next).sides();
    }

    /// Lets through no more than `count` values in `per`, evenly: the sender waits.
    public static <T> Stage<T> throttle(int count, Duration per, Stage<? super T> next) {
        return new ThrottleStage<>(count, per, Pace.SYSTEM, next);
    }

    /// Runs the following stages on a thread of their own. At most `capacity` values wait for them,
    /// then the sender waits. What they throw is thrown by a later `send` or by `close`, which
    /// waits for them.
    public static <T> Stage<T> buffer(int capacity, Stage<? super T> next) {
        return new BufferStage<>(capacity, next);
    }

    /// Applies a function to up to `limit` values at once, each on a virtual thread. When so many
    /// run, the sender waits. Following stages get one result at a time. When a call fails, the
    /// others are interrupted, and a later `send` or `close` throws what it has thrown.
    public static <I, O> Stage<I> parallel(
            int limit,
            Order order,
            Function<? super I, ? extends O> function,
            Stage<? super O> next) {
        return new ParallelStage<I, O>(limit, order, function, next);
    }

    /// A stage that is a procedure, with its state in local variables. It runs at once up to its
    /// first [Inbox#receive], and with each `send` up to the next. When it returns, the stage is
    /// closed.
    ///
    /// ```java
    /// Stage<String> sum = coroutine(inbox -> {
    ///     var total = 0;
    ///     for (var text : inbox) {
    ///         total += text.length();
    ///     }
    ///     IO.println(total);
    /// });
    /// ```
    public static <T> Stage<T> coroutine(CoroutineBody<T> body) {
        return new Coroutine<>(body);
    }

    /// A procedure with a stage after it, which is closed when the procedure ends.
    public static <T, O> Stage<T> coroutine(
            Stage<? super O> next, CoroutineBody.Linked<T, O> body) {
        return Coroutine.before(next, body);
    }

    /// Counts a word in each text, in just this spelling.
    public static Stage<Text> grep(String word, Stage<? super Occurrences> next) {
        return grep(Word.of(word), next);
    }

    /// Counts a word in each text.
    public static Stage<Text> grep(Word word, Stage<? super Occurrences> next) {
        return new GrepStage(word, next);
    }

    /// Adds up the occurrences of each word, and sends the totals when it is closed.
    public static Stage<Occurrences> count(Stage<? super Occurrences> next) {
        return new CountStage(next);
    }

    /// Counts the values, and sends their number when it is closed.
    public static <T> Stage<T> countItems(Stage<? super Long> next) {
        return new CountItemsStage<>(next);
    }

    /// Sends each line of a text on its own, without its end, and with its number.
    public static Stage<Text> lines(Stage<? super Text> next) {
        return new LinesStage(next);
    }

    /// Refuses what is no text.
    ///
    /// @param name of the file, for the message of the [BinaryTextException]
    public static Stage<Text> plainText(String name, Stage<? super Text> next) {
        return new PlainTextStage(name, next);
    }
}
