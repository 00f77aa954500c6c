package dev.muster.benchmarks;

import static dev.muster.parallel.pipeline.Pipelines.coroutine;
import static dev.muster.parallel.pipeline.Pipelines.feed;
import static dev.muster.parallel.pipeline.Pipelines.filter;
import static dev.muster.parallel.pipeline.Pipelines.map;
import static dev.muster.parallel.pipeline.Pipelines.sink;

import dev.muster.parallel.pipeline.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// What a value costs in a pipeline of plain functions, beside loops and streams.
///
/// Three maps, a filter and a sum, once with texts only and once with numbers, which functions put
/// into objects and a loop need not. There are two loops: one with the operations written out, and
/// one that is given the functions as objects, as the pipeline is. All run in one JVM, in turns;
/// the first third of the rounds is for the compiler and is not counted.
final class PipelineComparison {
    private static final int ITEMS = 100_000;
    private static final int SENT_TO_COROUTINE = 5_000;

    /// So few that they stay in the cache of the processor: memory is not what is compared.
    private static final int DIFFERENT_ITEMS = 1_000;

    private static final String LOOP = "loop, operations written out";
    private static final String CALLS = "loop that calls the functions";
    private static final String STREAM = "java.util.stream";
    private static final String MUSTER = "pipeline";

    private final List<String> words;
    private final Map<String, Measurements> measured = new LinkedHashMap<>();
    private long sum;

    private PipelineComparison() {
        var different = IntStream.range(0, DIFFERENT_ITEMS).mapToObj(n -> "item " + n).toList();
        words =
                IntStream.range(0, ITEMS)
                        .mapToObj(n -> different.get(n % different.size()))
                        .toList();
    }

    /// @param args `--rounds N`
    static void run(List<String> args) {
        var rounds = 600;
        for (var words = args.iterator(); words.hasNext(); ) {
            if (!words.next().equals("--rounds")) {
                throw new IllegalArgumentException("./bench pipeline [--rounds N]");
            }
            rounds = Integer.parseInt(words.next());
        }
        new PipelineComparison().compare(rounds);
    }

    private void compare(int rounds) {
        for (var round = 0; round < rounds; round++) {
            var isCounted = round >= rounds / 3;
            measureTexts(isCounted);
            measureNumbers(isCounted);
            if (round % 50 == 0) {
                measure("coroutine", MUSTER, true, SENT_TO_COROUTINE, this::coroutineOfTexts);
            }
        }
        System.out.printf(
                "%nns per value; medians of %d rounds of %,d values (smallest to largest)%n%n",
                rounds - rounds / 3, ITEMS);
        var table = new Table(measured.getOrDefault(MUSTER, new Measurements()));
        List.of(LOOP, CALLS, STREAM)
                .forEach(peer ->
                        table.beside(peer, measured.getOrDefault(peer, new Measurements())));
        table.row("texts", "texts", Table.Better.LESS);
        table.row("numbers", "numbers", Table.Better.LESS);
        table.row("sent to a coroutine", "coroutine", Table.Better.LESS);
    }

    private long measure(String quantity, String who, boolean isCounted, int items, Runnable body) {
        sum = 0;
        var start = System.nanoTime();
        body.run();
        var nanos = System.nanoTime() - start;
        if (isCounted) {
            measured.computeIfAbsent(who, _ -> new Measurements())
                    .add(quantity, (double) nanos / items);
        }
        return sum;
    }

    private void measureTexts(boolean isCounted) {
        requireSame(
                measure("texts", LOOP, isCounted, ITEMS, this::loopOverTexts),
                measure(
                        "texts",
                        CALLS,
                        isCounted,
                        ITEMS,
                        () ->
                                callsOverTexts(
                                        String::strip,
                                        text -> text.length() > 6 ? text : "short",
                                        text -> text.isEmpty() ? "empty" : text,
                                        text -> text.length() < 8,
                                        text -> sum += text.charAt(0))),
                measure("texts", MUSTER, isCounted, ITEMS, this::pipelineOfTexts),
                measure("texts", STREAM, isCounted, ITEMS, this::streamOfTexts));
    }

    private void measureNumbers(boolean isCounted) {
        requireSame(
                measure("numbers", LOOP, isCounted, ITEMS, this::loopOverNumbers),
                measure(
                        "numbers",
                        CALLS,
                        isCounted,
                        ITEMS,
                        () ->
                                callsOverNumbers(
                                        text -> text.length() * 1_001,
                                        n -> n + 7,
                                        n -> n ^ 5,
                                        n -> (n & 1) == 0,
                                        n -> sum += n)),
                measure("numbers", MUSTER, isCounted, ITEMS, this::pipelineOfNumbers),
                measure("numbers", STREAM, isCounted, ITEMS, this::streamOfNumbers));
    }

    private static void requireSame(long... sums) {
        if (LongStream.of(sums).distinct().count() != 1) {
            throw new IllegalStateException(
                    "the sums differ: " + LongStream.of(sums).boxed().toList());
        }
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
