package dev.muster.benchmarks;

import static dev.muster.parallel.pipeline.Pipelines.coroutine;
import static dev.muster.parallel.pipeline.Pipelines.feed;
import static dev.muster.parallel.pipeline.Pipelines.filter;
import static dev.muster.parallel.pipeline.Pipelines.map;
import static dev.muster.parallel.pipeline.Pipelines.sink;

import dev.muster.parallel.pipeline.Stage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// What a value costs in a pipeline of plain functions, beside loops and streams.
///
/// Three maps, a filter and a sum, once with texts only and once with numbers, which functions put
/// into objects and a loop need not. There are two loops: one with the operations written out, and
/// one that is given the functions as objects, as the pipeline is. All run in one JVM, in turns;
/// half as many rounds before are for the compiler and are not counted.
final class PipelineComparison {
    private static final int ITEMS = 100_000;
    private static final int SENT_TO_COROUTINE = 5_000;

    /// So few that they stay in the cache of the processor: memory is not what is compared.
    private static final int DIFFERENT_ITEMS = 1_000;

    private final List<String> words;
    private final Map<String, Long> sums = new HashMap<>();
    private long sum;

    private PipelineComparison() {
        var different = IntStream.range(0, DIFFERENT_ITEMS).mapToObj(n -> "item " + n).toList();
        words =
                IntStream.range(0, ITEMS)
                        .mapToObj(n -> different.get(n % different.size()))
                        .toList();
    }

    static void run(Options options, Report report) throws Exception {
        new PipelineComparison().compare(options.count(Option.ROUNDS), report);
    }

    private void compare(int rounds, Report report) throws Exception {
        new Comparison(
                        "ns per value, %,d values".formatted(ITEMS),
                        List.of(
                                Quantity.less("texts", "texts"),
                                Quantity.less("numbers", "numbers"),
                                Quantity.less("coroutine", "sent to a coroutine")),
                        List.of(
                                new Contestant("pipeline", this::measurePipeline),
                                new Contestant(
                                        "loop, operations written out",
                                        into -> {
                                            measure("texts", into, this::loopOverTexts);
                                            measure("numbers", into, this::loopOverNumbers);
                                        }),
                                new Contestant("loop that calls the functions", this::measureCalls),
                                new Contestant(
                                        "java.util.stream",
                                        into -> {
                                            measure("texts", into, this::streamOfTexts);
                                            measure("numbers", into, this::streamOfNumbers);
                                        })))
                .run(rounds / 2, rounds, report);
    }

    private void measurePipeline(Measurements into) {
        measure("texts", into, this::pipelineOfTexts);
        measure("numbers", into, this::pipelineOfNumbers);
        time("coroutine", into, SENT_TO_COROUTINE, this::coroutineOfTexts);
    }

    private void measureCalls(Measurements into) {
        measure(
                "texts",
                into,
                () ->
                        callsOverTexts(
                                String::strip,
                                text -> text.length() > 6 ? text : "short",
                                text -> text.isEmpty() ? "empty" : text,
                                text -> text.length() < 8,
                                text -> sum += text.charAt(0)));
        measure(
                "numbers",
                into,
                () ->
                        callsOverNumbers(
                                text -> text.length() * 1_001,
                                n -> n + 7,
                                n -> n ^ 5,
                                n -> (n & 1) == 0,
                                n -> sum += n));
    }

    /// All must come to the same sum.
    private void measure(String quantity, Measurements into, Runnable body) {
        var result = time(quantity, into, ITEMS, body);
        var expected = sums.computeIfAbsent(quantity, _ -> result);
        if (result != expected) {
            throw new IllegalStateException(
                    "the sums of %s differ: %d and %d".formatted(quantity, expected, result));
        }
    }

    private long time(String quantity, Measurements into, int items, Runnable body) {
        sum = 0;
        var start = System.nanoTime();
        body.run();
        into.add(quantity, (double) (System.nanoTime() - start) / items);
        return sum;
    }

    private void loopOverTexts() {
        for (var word : words) {
            var text = word.strip();
            var longer = text.length() > 6 ? text : "short";
            var some = longer.isEmpty() ? "empty" : longer;
            if (some.length() < 8) {
                sum += some.charAt(0);
            }
        }
    }

    private void callsOverTexts(
            Function<String, String> first,
            Function<String, String> second,
            Function<String, String> third,
            Predicate<String> condition,
            Consumer<String> end) {
        for (var word : words) {
            var text = third.apply(second.apply(first.apply(word)));
            if (condition.test(text)) {
                end.accept(text);
            }
        }
    }

    private void pipelineOfTexts() {
        Stage<String> end = filter(text -> text.length() < 8, sink(text -> sum += text.charAt(0)));
        Stage<String> some = map(text -> text.isEmpty() ? "empty" : text, end);
        feed(words, map(String::strip, map(text -> text.length() > 6 ? text : "short", some)));
    }

    private void streamOfTexts() {
        words.stream()
                .map(String::strip)
                .map(text -> text.length() > 6 ? text : "short")
                .map(text -> text.isEmpty() ? "empty" : text)
                .filter(text -> text.length() < 8)
                .forEach(text -> sum += text.charAt(0));
    }

    private void loopOverNumbers() {
        for (var word : words) {
            var number = ((word.length() * 1_001) + 7) ^ 5;
            if ((number & 1) == 0) {
                sum += number;
            }
        }
    }

    private void callsOverNumbers(
            Function<String, Integer> first,
            Function<Integer, Integer> second,
            Function<Integer, Integer> third,
            Predicate<Integer> condition,
            Consumer<Integer> end) {
        for (var word : words) {
            var number = third.apply(second.apply(first.apply(word)));
            if (condition.test(number)) {
                end.accept(number);
            }
        }
    }

    private void pipelineOfNumbers() {
        Stage<Integer> end = filter(n -> (n & 1) == 0, sink(n -> sum += n));
        Stage<Integer> number = map(n -> n + 7, map(n -> n ^ 5, end));
        feed(words, map(text -> text.length() * 1_001, number));
    }

    private void streamOfNumbers() {
        words.stream()
                .map(text -> text.length() * 1_001)
                .map(n -> n + 7)
                .map(n -> n ^ 5)
                .filter(n -> (n & 1) == 0)
                .forEach(n -> sum += n);
    }

    private void coroutineOfTexts() {
        feed(words.subList(0, SENT_TO_COROUTINE), coroutine(inbox -> inbox.forEach(_ -> sum++)));
    }
}
