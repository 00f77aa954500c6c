package dev.muster.benchmarks;

import java.nio.file.Path;
import java.util.List;

/// The start of the command, from the shell to the exit, beside a JVM that does nothing. It is that
/// of the distribution, prepared as on a server: from a checkout, sources are looked at first.
final class StartComparison {
    private StartComparison() {}

    static void run(Options options, Report report) throws Exception {
        var muster = List.of(Distribution.command(), "--version");
        var empty =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        Distribution.ROOT.resolve("benchmarks/target/classes").toString(),
                        EmptyMain.class.getName());
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

    private static double milliseconds(List<String> command) {
        var start = System.nanoTime();
        Distribution.run(command);
        return (System.nanoTime() - start) / 1e6;
    }
}
