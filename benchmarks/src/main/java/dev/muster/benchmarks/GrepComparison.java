package dev.muster.benchmarks;

import static dev.muster.parallel.pipeline.Pipelines.buffer;
import static dev.muster.parallel.pipeline.Pipelines.cat;
import static dev.muster.parallel.pipeline.Pipelines.count;
import static dev.muster.parallel.pipeline.Pipelines.fanout;
import static dev.muster.parallel.pipeline.Pipelines.grep;
import static dev.muster.parallel.pipeline.Pipelines.plainText;
import static dev.muster.parallel.pipeline.Pipelines.sink;

import dev.muster.parallel.pipeline.Occurrences;
import dev.muster.parallel.pipeline.Word;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The counting of words in a large file, beside GNU grep and, where it is installed, ripgrep.
///
/// The peers count several words apart in a run for each; in one pass they tell the sum only. The
/// file is a text repeated, in the cache of the system.
final class GrepComparison {
    private static final long FILE_SIZE = 500_000_000;
    private static final int READ_AHEAD = 8;

    private final Path root;
    private final Path file;
    private final Path empty;

    /// What is looked for, and in how many cases of letters.
    private record Search(List<String> words, boolean ignoreCase) {
        String option() {
            return ignoreCase ? "i" : "";
        }

        String patterns() {
            return words.stream()
                    .map(word -> "-e '%s'".formatted(word))
                    .collect(Collectors.joining(" "));
        }

        List<Word> compiled() {
            return words.stream()
                    .map(word -> ignoreCase ? Word.ignoringCase(word) : Word.of(word))
                    .toList();
        }

        @Override
        public String toString() {
            return String.join(", ", words) + (ignoreCase ? ", any case" : "");
        }
    }

    private GrepComparison(Path root, Path file, Path empty) {
        this.root = root;
        this.file = file;
        this.empty = empty;
    }

    static void run(Options options, Report report) throws Exception {
        var root = Path.of(System.getProperty("bench.root", ""));
        var text =
                options.text(Option.FILE)
                        .map(Path::of)
                        .orElse(root.resolve("examples/data/war-and-peace.txt"));
        var file = Files.createTempFile("muster-bench", ".txt");
        var empty = Files.createTempFile("muster-bench", ".txt");
        try {
            fill(file, Files.readAllBytes(text));
            new GrepComparison(root, file, empty).compare(options.count(Option.ROUNDS), report);
        } finally {
            Files.delete(file);
            Files.delete(empty);
        }
    }

    private static void fill(Path file, byte[] text) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            for (var size = 0L; size < FILE_SIZE; size += text.length) {
                out.write(text);
            }
        }
    }

    private void compare(int rounds, Report report) throws Exception {
        muster("-i -e love", empty); // builds what is stale
        var searches =
                Stream.of(List.of("love"), List.of("love", "hate", "hope"), List.of("Natásha"))
                        .flatMap(words ->
                                Stream.of(new Search(words, true), new Search(words, false)))
                        .toList();
        var expected = new LinkedHashMap<Search, List<Long>>();
        for (var search : searches) {
            expected.put(search, countApart("grep", search));
        }
        var contestants = new ArrayList<Contestant>();
        contestants.add(
                contestant(
                        "muster grep", expected, this::command, () -> muster("-i -e love", empty)));
        contestants.add(contestant("pipeline in a warm JVM", expected, this::pipeline, null));
        for (var program : programs()) {
            contestants.add(
                    contestant(
                            program,
                            expected,
                            search -> countApart(program, search),
                            () -> shell(program + " -oi -e love " + empty + " | wc -l")));
            contestants.add(
                    contestant(
                            program + ", sum in one pass",
                            sums(expected),
                            search -> List.of(countWith(program, search)),
                            null));
        }
        var quantities = new ArrayList<>(List.of(Quantity.less("empty", "an empty file")));
        searches.forEach(
                search -> quantities.add(Quantity.less(search.toString(), search.toString())));
        var title = "Counting words, seconds for %,d bytes".formatted(Files.size(file));
        new Comparison(title, quantities, contestants).run(rounds, report);
    }

    private static List<String> programs() throws Exception {
        return shell("command -v rg || true").isEmpty() ? List.of("grep") : List.of("grep", "rg");
    }

    /// Of the searches for several words.
    private static Map<Search, List<Long>> sums(Map<Search, List<Long>> counts) {
        var sums = new LinkedHashMap<Search, List<Long>>();
        counts.forEach((search, apart) -> {
            if (apart.size() > 1) {
                sums.put(search, List.of(apart.stream().mapToLong(Long::longValue).sum()));
            }
        });
        return sums;
    }

    /// @param expected the searches, and what they must find
    /// @param start a search in an empty file; null when that is not measured
    private Contestant contestant(
            String name,
            Map<Search, List<Long>> expected,
            Counting counting,
            @Nullable Callable<?> start) {
        return new Contestant(
                name,
                into -> {
                    if (start != null) {
                        time("empty", into, start);
                    }
                    for (var search : expected.entrySet()) {
                        var counts =
                                time(
                                        search.getKey().toString(),
                                        into,
                                        () -> counting.count(search.getKey()));
                        require(search.getValue(), counts);
                    }
                });
    }

    /// Counts each word of a search.
    @FunctionalInterface
    private interface Counting {
        List<Long> count(Search search) throws Exception;
    }

    private static <T> T time(String quantity, Measurements into, Callable<T> body)
            throws Exception {
        var start = System.nanoTime();
        var result = body.call();
        into.add(quantity, (System.nanoTime() - start) / 1e9);
        return result;
    }

    /// A run for each word.
    private List<Long> countApart(String program, Search search) throws Exception {
        var counts = new ArrayList<Long>();
        for (var word : search.words()) {
            counts.add(countWith(program, new Search(List.of(word), search.ignoreCase())));
        }
        return counts;
    }

    private static void require(List<Long> expected, List<Long> counts) {
        if (!counts.equals(expected)) {
            throw new IllegalStateException("counts differ: %s, %s".formatted(expected, counts));
        }
    }

    private List<Long> pipeline(Search search) {
        var found = new ArrayList<Occurrences>();
        var stages =
                search.compiled().stream()
                        .map(word -> buffer(READ_AHEAD, grep(word, count(sink(found::add)))))
                        .toList();
        cat(file, plainText("text", fanout(stages)));
        return found.stream().map(Occurrences::count).toList();
    }

    private List<Long> command(Search search) throws Exception {
        var options = search.ignoreCase() ? "-i " : "";
        return muster(options + search.patterns(), file)
                .lines()
                .map(line -> Long.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                .toList();
    }

    private String muster(String arguments, Path searched) throws Exception {
        return shell(
                "%s grep %s %s"
                        .formatted(root.resolve("muster").toAbsolutePath(), arguments, searched));
    }

    private long countWith(String program, Search search) throws Exception {
        return Long.parseLong(
                shell(
                        "%s -o%s %s %s | wc -l"
                                .formatted(program, search.option(), search.patterns(), file)));
    }

    private static String shell(String command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("sh", "-c", command);
        builder.environment().put("LC_ALL", "C.UTF-8");
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
