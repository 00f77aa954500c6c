package dev.muster.benchmarks;

import static dev.muster.parallel.pipeline.Pipelines.cat;
import static dev.muster.parallel.pipeline.Pipelines.coroutine;
import static dev.muster.parallel.pipeline.Pipelines.count;
import static dev.muster.parallel.pipeline.Pipelines.fanout;
import static dev.muster.parallel.pipeline.Pipelines.feed;
import static dev.muster.parallel.pipeline.Pipelines.filter;
import static dev.muster.parallel.pipeline.Pipelines.grep;
import static dev.muster.parallel.pipeline.Pipelines.map;
import static dev.muster.parallel.pipeline.Pipelines.sink;

import dev.muster.parallel.pipeline.Occurrences;
import dev.muster.parallel.pipeline.Stage;
import dev.muster.parallel.pipeline.Word;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Pipelines beside hand-written loops, and the search for words beside GNU grep.
///
///     java -cp … dev.muster.benchmarks.OneMachine pipeline
///     java -cp … dev.muster.benchmarks.OneMachine grep examples/data/war-and-peace.txt
///
/// Prints the best of several rounds of each.
public final class OneMachine {
    private static final int ITEMS = 1_000_000;
    private static final int PIPELINE_ROUNDS = 60;
    private static final int GREP_ROUNDS = 2;
    private static final long FILE_SIZE = 500_000_000;

    private OneMachine() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "pipeline" -> pipeline();
            case "grep" -> grepFile(Path.of(args[1]));
            default -> throw new IllegalArgumentException("pipeline or grep, was " + args[0]);
        }
    }

    /// A body whose time is measured.
    @FunctionalInterface
    private interface Body {
        void run() throws Exception;
    }

    private static double best(int rounds, Body body) throws Exception {
        var best = Double.MAX_VALUE;
        for (var round = 0; round < rounds; round++) {
            var start = System.nanoTime();
            body.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }

    /// Four maps and a filter, the same operations in both.
    private static void pipeline() throws Exception {
        var words = IntStream.range(0, ITEMS).mapToObj(n -> "item " + n % 1000).toList();
        var sum = new long[2];
        var loop =
                best(
                        PIPELINE_ROUNDS,
                        () -> {
                            for (var word : words) {
                                var text = word.strip();
                                var length = text.length() * 3;
                                if ((length & 1) == 0) {
                                    sum[0] += (length + 7) ^ 5;
                                }
                            }
                        });
        var fused =
                best(
                        PIPELINE_ROUNDS,
                        () -> {
                            Stage<Integer> last = map(n -> n ^ 5, sink(n -> sum[1] += n));
                            Stage<Integer> even = filter(n -> (n & 1) == 0, map(n -> n + 7, last));
                            Stage<String> first =
                                    map(String::strip, map(text -> text.length() * 3, even));
                            feed(words, first);
                        });
        if (sum[0] != sum[1]) {
            throw new IllegalStateException("the sums differ: " + Arrays.toString(sum));
        }
        var switched =
                best(
                        3,
                        () ->
                                feed(
                                        words.subList(0, ITEMS / 10),
                                        coroutine(inbox -> inbox.forEach(_ -> {}))));
        System.out.printf("hand-written loop   %6.2f ns per item%n", loop / ITEMS * 1e9);
        System.out.printf(
                "pipeline            %6.2f ns per item, %.2f times%n",
                fused / ITEMS * 1e9, fused / loop);
        System.out.printf("coroutine           %6.0f ns per item%n", switched / ITEMS * 1e10);
    }

    private static void grepFile(Path text) throws Exception {
        var file = Files.createTempFile("words", ".txt");
        try {
            fill(file, Files.readAllBytes(text));
            for (var words :
                    List.of(List.of("love"), List.of("love", "hate", "hope"), List.of("Natásha"))) {
                compare(file, words, true);
                compare(file, words, false);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void fill(Path file, byte[] text) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            for (var size = 0L; size < FILE_SIZE; size += text.length) {
                out.write(text);
            }
        }
    }

    /// GNU grep with the option for case needs a run for each word to count them apart.
    private static void compare(Path file, List<String> words, boolean ignoreCase)
            throws Exception {
        var commands =
                words.stream()
                        .map(word ->
                                "grep -o%s -e '%s' %s | wc -l"
                                        .formatted(ignoreCase ? "i" : "", word, file))
                        .toList();
        var peers = new ArrayList<String>();
        var peer =
                best(
                        GREP_ROUNDS,
                        () -> {
                            peers.clear();
                            for (var command : commands) {
                                peers.add(shell(command));
                            }
                        });
        var found = new ArrayList<Occurrences>();
        var stages =
                words.stream().map(word -> ignoreCase ? Word.ignoringCase(word) : Word.of(word));
        var compiled = stages.toList();
        var ours =
                best(
                        GREP_ROUNDS,
                        () -> {
                            found.clear();
                            cat(
                                    file,
                                    fanout(
                                            compiled.stream()
                                                    .map(word ->
                                                            grep(word, count(sink(found::add))))
                                                    .toList()));
                        });
        var counts = found.stream().map(each -> Long.toString(each.count())).toList();
        if (!counts.equals(peers)) {
            throw new IllegalStateException("grep counts %s, Muster %s".formatted(peers, counts));
        }
        var command =
                Stream.concat(
                                ignoreCase
                                        ? Stream.of("./muster", "grep", "-i")
                                        : Stream.of("./muster", "grep"),
                                words.stream().flatMap(word -> Stream.of("-e", word)))
                        .toList();
        var whole = best(GREP_ROUNDS, () -> shell(String.join(" ", command) + " " + file));
        System.out.printf(
                "%-22s %s grep %.2f s, pipeline %.2f s (%.1f times as fast), muster grep %.2f s with its start%n",
                words, ignoreCase ? "-i" : "  ", peer, ours, peer / ours, whole);
    }

    private static String shell(String command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("sh", "-c", command);
        builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8"));
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        var process = builder.start();
        var printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " failed");
        }
        return printed;
    }
}
