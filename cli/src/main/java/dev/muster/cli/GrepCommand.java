package dev.muster.cli;

import static dev.muster.parallel.pipeline.Pipelines.buffer;
import static dev.muster.parallel.pipeline.Pipelines.cat;
import static dev.muster.parallel.pipeline.Pipelines.count;
import static dev.muster.parallel.pipeline.Pipelines.fanout;
import static dev.muster.parallel.pipeline.Pipelines.filter;
import static dev.muster.parallel.pipeline.Pipelines.grep;
import static dev.muster.parallel.pipeline.Pipelines.lines;
import static dev.muster.parallel.pipeline.Pipelines.plainText;
import static dev.muster.parallel.pipeline.Pipelines.sink;

import dev.muster.parallel.pipeline.BinaryTextException;
import dev.muster.parallel.pipeline.Occurrences;
import dev.muster.parallel.pipeline.Stage;
import dev.muster.parallel.pipeline.Text;
import dev.muster.parallel.pipeline.Word;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "grep",
        mixinStandardHelpOptions = true,
        description = {
            "Counts how often words stand in files, or in the standard input. Words are plain text in UTF-8, and may be parts of longer words.",
            "",
            "As with grep, the first argument is the word, unless words are given with -e. All words are counted in one pass."
        },
        footer = {
            "",
            "Examples:",
            "  muster grep -i love war-and-peace.txt",
            "  muster grep -i -e love -e hate -e hope war-and-peace.txt"
        })
final class GrepCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    /// In blocks of 128 kB: enough to keep all threads at work.
    private static final int READ_AHEAD = 8;

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "-e", paramLabel = "WORD", description = "A word; may be given again.")
    private List<String> words = List.of();

    @Option(
            names = {"-i", "--ignore-case"},
            description = "Upper and lower case are the same, also beyond ASCII.")
    private boolean ignoreCase;

    @Option(
            names = "--by-line",
            description =
                    "Count in each line, and print the lines that have the word: LINE:WORD COUNT.")
    private boolean byLine;

    @Option(
            names = {"-a", "--text"},
            description = "Read files with NUL bytes as well.")
    private boolean binary;

    @Option(names = "--json", description = "Print a JSON list.")
    private boolean json;

    @Parameters(
            paramLabel = "[WORD] FILE",
            description = "The word, unless -e is given, and the files; - is the standard input.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        var files = new ArrayList<>(arguments);
        var searched = new ArrayList<>(words);
        if (searched.isEmpty()) {
            if (files.isEmpty()) {
                throw CommandException.wrongUse("which word? muster grep WORD FILE");
            }
            searched.add(files.removeFirst());
        }
        if (files.isEmpty()) {
            files.add(STANDARD_INPUT);
        }
        files.forEach(GrepCommand::check);

        var out = Objects.requireNonNull(spec, "spec").commandLine().getOut();
        var found = new ArrayList<Map<String, Object>>();
        for (var file : files) {
            var prefix = files.size() == 1 ? "" : file + ":";
            search(
                    file,
                    searched.stream().map(this::word).toList(),
                    json
                            ? each -> found.add(fields(file, each))
                            : each -> print(out, prefix, each));
        }
        if (json) {
            new Printer(out, true).json(found);
        }
        out.flush();
        return 0;
    }

    private static void check(String file) {
        if (file.equals(STANDARD_INPUT)) {
            return;
        }
        if (Files.isDirectory(Path.of(file))) {
            throw CommandException.wrongUse("%s is a folder".formatted(file));
        }
        if (!Files.isReadable(Path.of(file))) {
            throw CommandException.wrongUse(
                    "there is no file %s that can be read; to look for several words, give each with -e"
                            .formatted(file));
        }
    }

    private Word word(String word) {
        try {
            return ignoreCase ? Word.ignoringCase(word) : Word.of(word);
        } catch (IllegalArgumentException e) {
            throw CommandException.wrongUse(String.valueOf(e.getMessage()), e);
        }
    }

    private void search(String file, List<Word> searched, Consumer<Occurrences> print) {
        var name = file.equals(STANDARD_INPUT) ? "the standard input" : file;
        Stage<Text> stages =
                byLine
                        ? lines(
                                fanout(
                                        searched.stream()
                                                .map(word -> linesWith(word, print))
                                                .toList()))
                        : fanout(searched.stream().map(word -> total(word, print)).toList());
        Stage<Text> checked = binary ? stages : plainText(name, stages);
        try {
            if (file.equals(STANDARD_INPUT)) {
                cat(System.in, checked);
            } else {
                cat(Path.of(file), checked);
            }
        } catch (BinaryTextException e) {
            throw CommandException.failed(e.getMessage() + "; to read it all the same, give -a");
        } catch (UncheckedIOException e) {
            throw CommandException.failed(String.valueOf(e.getMessage()));
        }
    }

    /// Each word has a thread of its own.
    private static Stage<Text> total(Word word, Consumer<Occurrences> print) {
        return buffer(READ_AHEAD, grep(word, count(sink(print))));
    }

    private static Stage<Text> linesWith(Word word, Consumer<Occurrences> print) {
        Stage<Occurrences> some = filter(found -> found.count() > 0, sink(print));
        return grep(word, some);
    }

    private static void print(PrintWriter out, String prefix, Occurrences found) {
        out.println(prefix + found);
    }

    private static Map<String, Object> fields(String file, Occurrences found) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("file", file);
        if (found.line() > 0) {
            fields.put("line", found.line());
        }
        fields.put("word", found.word());
        fields.put("count", found.count());
        return fields;
    }
}
