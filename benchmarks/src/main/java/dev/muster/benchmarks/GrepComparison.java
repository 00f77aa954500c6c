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
import java.util.stream.Collectors;

/// The counting of words in a large file, beside GNU grep and, where it is installed, ripgrep.
///
/// The peers count several words apart in a run for each; in one pass they tell the sum only. The
/// file is a text repeated, in the cache of the system.
final class GrepComparison {
    private static final long FILE_SIZE = 500_000_000;
    private static final int READ_AHEAD = 8;

    private static final String WARM = "pipeline in a warm JVM";
    private static final String COMMAND = "muster grep";

    private final Path root;
    private final Path file;
    private final int rounds;
    private final Map<String, Measurements> measured = new LinkedHashMap<>();
    private final boolean hasRipgrep;

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

    private GrepComparison(Path root, Path file, int rounds) throws Exception {
        this.root = root;
        this.file = file;
        this.rounds = rounds;
        this.hasRipgrep = !shell("command -v rg || true").isEmpty();
    }

    /// @param args `--rounds N`, `--file TEXT`
    static void run(List<String> args) throws Exception {
        var root = Path.of(System.getProperty("bench.root", ""));
        var text = root.resolve("examples/data/war-and-peace.txt");
        var rounds = 5;
        for (var words = args.iterator(); words.hasNext(); ) {
            switch (words.next()) {
                case "--rounds" -> rounds = Integer.parseInt(words.next());
                case "--file" -> text = Path.of(words.next());
                default ->
                        throw new IllegalArgumentException(
                                "./bench grep [--rounds N] [--file TEXT]");
            }
        }
        var file = Files.createTempFile("muster-bench", ".txt");
        try {
            fill(file, Files.readAllBytes(text));
            new GrepComparison(root, file, rounds).compare();
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

    private void compare() throws Exception {
        System.out.printf(
                "%nseconds for %,d bytes; medians of %d rounds (smallest to largest)%n",
                Files.size(file), rounds);
        compareStart();
        for (var words :
                List.of(List.of("love"), List.of("love", "hate", "hope"), List.of("Natásha"))) {
            compare(new Search(words, true));
            compare(new Search(words, false));
        }
    }

    private void compareStart() throws Exception {
        var empty = Files.createTempFile("muster-bench", ".txt");
        try {
            muster("-i -e love", empty); // builds what is stale
            for (var round = 0; round < rounds; round++) {
                time(COMMAND, () -> muster("-i -e love", empty));
                time("grep", () -> shell("grep -oi -e love " + empty + " | wc -l"));
                if (hasRipgrep) {
                    time("rg", () -> shell("rg -oi -e love " + empty + " | wc -l"));
                }
            }
        } finally {
            Files.delete(empty);
        }
        print("an empty file");
    }

    private void compare(Search search) throws Exception {
        var expected = new ArrayList<Long>();
        for (var word : search.words()) {
            expected.add(countWith("grep", new Search(List.of(word), search.ignoreCase())));
        }
        for (var round = 0; round < rounds; round++) {
            require(expected, time(COMMAND, () -> command(search)));
            require(expected, time(WARM, () -> pipeline(search)));
            compareWith("grep", search, expected);
            if (hasRipgrep) {
                compareWith("rg", search, expected);
            }
        }
        print(search.toString());
    }

    private void compareWith(String program, Search search, List<Long> expected) throws Exception {
        require(
                expected,
                time(
                        program,
                        () -> {
                            var counts = new ArrayList<Long>();
                            for (var word : search.words()) {
                                counts.add(
                                        countWith(
                                                program,
                                                new Search(List.of(word), search.ignoreCase())));
                            }
                            return counts;
                        }));
        if (search.words().size() > 1) {
            var sum = expected.stream().mapToLong(Long::longValue).sum();
            require(
                    List.of(sum),
                    time(program + ", sum in one pass", () -> List.of(countWith(program, search))));
        }
    }

    private void print(String title) {
        System.out.println();
        System.out.println(title);
        var table = new Table(measured.getOrDefault(COMMAND, new Measurements()));
        measured.forEach((name, measurements) -> {
            if (!name.equals(COMMAND)) {
                table.beside(name, measurements);
            }
        });
        table.row(COMMAND, "seconds", Table.Better.LESS);
        measured.clear();
    }

    /// A body whose time is measured.
    @FunctionalInterface
    private interface Body<T> {
        T run() throws Exception;
    }

    private <T> T time(String who, Body<T> body) throws Exception {
        var start = System.nanoTime();
        var result = body.run();
        measured.computeIfAbsent(who, _ -> new Measurements())
                .add("seconds", (System.nanoTime() - start) / 1e9);
        return result;
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
