package dev.muster.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Runs what most commands load, in an empty working directory, so that the JVM can note it in an
/// AOT cache. Used by the build; what it prints, and whether it works, matters to nobody.
final class Practice {
    private static final String PROGRAM =
            """
            import static dev.muster.queue.Canvas.call;

            import dev.muster.queue.Muster;
            import dev.muster.queue.Task;
            import java.time.Duration;
            import java.util.stream.IntStream;

            public class Tiny {
                @Task
                static int add(int a, int b) {
                    return a + b;
                }

                public static void main(String[] args) {
                    try (var muster = Muster.connect()) {
                        var results = IntStream.range(0, Integer.parseInt(args[0]))
                                .mapToObj(number -> muster.send(call(Tiny::add, number, 2)))
                                .toList();
                        results.forEach(result -> result.get(Duration.ofSeconds(20)));
                    }
                }
            }
            """;

    /// As many as it takes for the compilers to learn what runs often, which the cache keeps as
    /// well.
    private static final String TASKS = "2000";

    private Practice() {}

    /// @param args `version`, `short` for verbs that end at once, `long` for those that compile and
    ///   run tasks
    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "version" -> run("--version");
            case "short" -> {
                run("--help");
                run("worker", "--help");
                run("report");
                run("call", "Tiny.add", "1", "text", "--kwargs", "{\"b\": [1.5, null]}");
                run("result", "none");
                run("list", "queues");
                run("purge", "-f");
            }
            default -> {
                var program = Path.of("Tiny.java");
                Files.writeString(program, PROGRAM);
                run("run", program.toString(), TASKS);
                run("grep", "-i", "-e", "tiny", "-e", "task", program.toString());
            }
        }
        System.exit(0);
    }

    private static void run(String... args) {
        Main.execute(writer(), writer(), args);
    }

    private static PrintWriter writer() {
        return new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    }
}
