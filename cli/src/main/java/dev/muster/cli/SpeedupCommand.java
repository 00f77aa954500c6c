package dev.muster.cli;

import dev.muster.parallel.Measurement;
import dev.muster.parallel.Speedup;
import dev.muster.parallel.SpeedupPlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "speedup",
        mixinStandardHelpOptions = true,
        description = {
            "Tells by Amdahl's law what more processors can bring, from the parallel part of a program or from measured runs.",
            "",
            "With --measure the table has the measured times, those of the law that fits them best, and the serial part that each run tells of (Karp and Flatt)."
        },
        footer = {
            "",
            "Examples:",
            "  muster speedup --parallel 0.99 --time 100 --n 1,10,100,1000",
            "  muster speedup --measure 'make -j {n}' --n 1,2,4 --plot speedup.svg"
        })
final class SpeedupCommand implements Callable<Integer> {
    private static final String PLACE = "{n}";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--parallel",
            paramLabel = "P",
            description = "The parallel part of the time on one processor, from 0 to 1.")
    private @Nullable Double parallel;

    @Option(
            names = "--n",
            split = ",",
            paramLabel = "N",
            description = "Numbers of processors, separated by commas. By default 1,2,4,8,16.")
    private List<Integer> processors = List.of(1, 2, 4, 8, 16);

    @Option(
            names = "--time",
            paramLabel = "SECONDS",
            description = "The time on one processor. By default 1.")
    private double time = 1;

    @Option(
            names = "--measure",
            paramLabel = "CMD",
            description =
                    "Run this shell command for each N, with {n} replaced, and fit the law to the times.")
    private @Nullable String command;

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description = "Draw the speed-up, and what was measured, into this file.")
    private @Nullable Path plot;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if ((parallel == null) == (command == null)) {
            throw CommandException.wrongUse("give either --parallel or --measure");
        }
        if (processors.stream().anyMatch(n -> n < 1)) {
            throw CommandException.wrongUse("--n takes numbers from 1 on, got " + processors);
        }
        var out = Objects.requireNonNull(spec, "spec").commandLine().getOut();
        var measured = command == null ? List.<Measurement>of() : measure(command);
        var law = law(measured);
        var rows = measured.isEmpty() ? expectedRows(law) : measuredRows(law, measured);
        if (json) {
            var result = new LinkedHashMap<String, Object>();
            result.put("parallel", law.parallelFraction());
            result.put("seconds", law.seconds(1));
            result.put("table", rows);
            new Printer(out, true).json(result);
        } else {
            print(out, law, rows);
        }
        if (plot != null) {
            var last = processors.stream().mapToInt(n -> n).max().orElse(1);
            Files.writeString(plot, SpeedupPlot.svg(law, measured, last));
        }
        return 0;
    }

    private Speedup.Law law(List<Measurement> measured) {
        try {
            return parallel == null ? Speedup.fit(measured) : Speedup.Law.of(parallel, time);
        } catch (IllegalArgumentException e) {
            throw CommandException.wrongUse(String.valueOf(e.getMessage()), e);
        }
    }

    private List<Measurement> measure(String words) throws IOException, InterruptedException {
        if (!words.contains(PLACE)) {
            throw CommandException.wrongUse(
                    "--measure CMD has no {n}, which becomes the number of processors");
        }
        if (processors.stream().distinct().count() < 2) {
            throw CommandException.wrongUse("--measure needs two different numbers in --n");
        }
        var measured = new ArrayList<Measurement>();
        for (int n : processors) {
            var line = words.replace(PLACE, Integer.toString(n));
            var start = System.nanoTime();
            var process =
                    new ProcessBuilder("sh", "-c", line)
                            .redirectInput(ProcessBuilder.Redirect.INHERIT)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            var status = process.waitFor();
            var seconds = (System.nanoTime() - start) / 1e9;
            if (status != 0) {
                throw CommandException.failed(
                        "'%s' ended with exit status %d".formatted(line, status));
            }
            measured.add(new Measurement(n, seconds));
        }
        return measured;
    }

    private List<Map<String, Object>> expectedRows(Speedup.Law law) {
        var rows = new ArrayList<Map<String, Object>>();
        for (int n : processors) {
            var row = new LinkedHashMap<String, Object>();
            row.put("n", n);
            row.put("seconds", law.seconds(n));
            row.put("speedup", law.speedup(n));
            row.put("efficiency", law.speedup(n) / n);
            row.put("gustafson", Speedup.gustafson(law.parallelFraction(), n));
            rows.add(row);
        }
        return rows;
    }

    private static List<Map<String, Object>> measuredRows(
            Speedup.Law law, List<Measurement> measured) {
        // The run on one processor when there is one, otherwise what the law says of it.
        var single =
                measured.stream()
                        .filter(measurement -> measurement.n() == 1)
                        .mapToDouble(Measurement::seconds)
                        .findFirst()
                        .orElse(law.seconds(1));
        var rows = new ArrayList<Map<String, Object>>();
        for (var measurement : measured) {
            var n = measurement.n();
            var speedup = single / measurement.seconds();
            var row = new LinkedHashMap<String, Object>();
            row.put("n", n);
            row.put("seconds", measurement.seconds());
            row.put("law", law.seconds(n));
            row.put("speedup", speedup);
            row.put("efficiency", speedup / n);
            if (n > 1) {
                row.put("serial", Speedup.karpFlatt(speedup, n));
            }
            rows.add(row);
        }
        return rows;
    }

    private static void print(PrintWriter out, Speedup.Law law, List<Map<String, Object>> rows) {
        var columns = rows.stream().max((a, b) -> a.size() - b.size()).orElseThrow().keySet();
        columns.forEach(column -> out.printf("%12s", column));
        out.println();
        for (var row : rows) {
            for (var column : columns) {
                out.printf("%12s", cell(row.get(column)));
            }
            out.println();
        }
        out.printf(
                "parallel part %s, at most %s times as fast%n",
                cell(law.parallelFraction()), cell(Speedup.limit(law.parallelFraction())));
    }

    /// Four digits that count.
    private static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Double number when number.isInfinite() -> "any number of";
            case Double number when Math.abs(number) >= 1000 ->
                    String.format(Locale.ROOT, "%.0f", number);
            case Double number ->
                    String.format(Locale.ROOT, "%.4g", number)
                            .replaceFirst("(\\.\\d*?)0+$", "$1")
                            .replaceFirst("\\.$", "");
            default -> value.toString();
        };
    }
}
