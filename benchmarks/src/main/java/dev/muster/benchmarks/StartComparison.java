package dev.muster.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The start of the command, from the shell to the exit, beside a JVM that does nothing.
final class StartComparison {
    private StartComparison() {}

    static void run(Options options, Report report) throws Exception {
        var root = Path.of(System.getProperty("bench.root", "")).toAbsolutePath();
        var muster = List.of(root.resolve("muster").toString(), "--version");
        var empty =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        root.resolve("benchmarks/target/classes").toString(),
                        EmptyMain.class.getName());
        milliseconds(muster); // builds what is stale
        var median = Quantity.less("time", "median, ms");
        var best = new Quantity("time", "best, ms", Quantity.Better.LESS, Quantity.Statistic.BEST);
        new Comparison(
                        "Start to end of a command",
                        List.of(best, median),
                        List.of(
                                new Contestant(
                                        "muster --version",
                                        into -> into.add("time", milliseconds(muster))),
                                new Contestant(
                                        "an empty main",
                                        into -> into.add("time", milliseconds(empty)))))
                .run(options.count(Option.ROUNDS), report);
    }

    private static double milliseconds(List<String> command)
            throws IOException, InterruptedException {
        var start = System.nanoTime();
        var process =
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " failed");
        }
        return (System.nanoTime() - start) / 1e6;
    }
}
