import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Counts the words of a text: workers count chunks of lines, the counts are added up here.
///
///     ./muster run examples/WordCount.java                 (War and Peace)
///     ./muster run examples/WordCount.java my-novel.txt
public class WordCount {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}]+(?:['’][\\p{L}\\p{M}]+)*");
    private static final int LINES_PER_CHUNK = 5_000;

    @Task
    static Map<String, Integer> count(List<String> lines) {
        var counts = new HashMap<String, Integer>();
        for (var line : lines) {
            var words = WORD.matcher(line.toLowerCase(Locale.ROOT));
            while (words.find()) {
                counts.merge(words.group(), 1, Integer::sum);
            }
        }
        return counts;
    }

    public static void main(String[] args) throws IOException {
        var source = Path.of(System.getProperty("jdk.launcher.sourcefile", "examples/WordCount.java"));
        var text = args.length == 0 ? source.resolveSibling("data/war-and-peace.txt") : Path.of(args[0]);
        var lines = Files.readAllLines(text);

        var total = new HashMap<String, Integer>();
        try (var muster = Muster.connect()) {
            var calls = chunks(lines).stream().map(chunk -> call(WordCount::count, chunk)).toList();
            for (var counts : muster.sendAll(calls)) {
                counts.get(Duration.ofMinutes(1)).forEach((word, count) -> total.merge(word, count, Integer::sum));
            }
        }

        IO.println("%d words, %d different".formatted(
                total.values().stream().mapToInt(Integer::intValue).sum(), total.size()));
        total.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(10)
                .forEach(entry -> IO.println("%8d %s".formatted(entry.getValue(), entry.getKey())));
    }

    private static List<List<String>> chunks(List<String> lines) {
        var chunks = new ArrayList<List<String>>();
        for (var from = 0; from < lines.size(); from += LINES_PER_CHUNK) {
            chunks.add(lines.subList(from, Math.min(from + LINES_PER_CHUNK, lines.size())));
        }
        return chunks;
    }
}
