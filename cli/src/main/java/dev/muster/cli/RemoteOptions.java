package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.control.Control;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which workers a command is for, and how their answers are shown.
final class RemoteOptions {
    @Option(
            names = {"-d", "--destination"},
            split = ",",
            paramLabel = "NODE",
            description = "The workers, by name, separated by commas. By default all.")
    private List<String> nodes = List.of();

    @Option(
            names = {"-p", "--pattern"},
            paramLabel = "GLOB",
            description = "The workers whose names look like this: web-*@*.")
    private @Nullable String pattern;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            description =
                    "How long to wait for answers; ${DEFAULT-VALUE} by default. With -d no longer than needed.")
    private double timeout = 1;

    @Option(names = "--json", description = "Print a JSON object with the answer of each worker.")
    private boolean json;

    /// Sends a command and prints what comes back.
    ///
    /// @return the exit status: 1 when nobody has answered, or one of those that were named has
    ///   not, or one has refused
    int ask(Muster muster, PrintWriter out, String method, Map<String, ?> arguments) {
        var answers = control(muster).ask(method, arguments);
        var missing = new ArrayList<>(nodes);
        missing.removeAll(answers.keySet());
        if (json) {
            new Printer(out, true).json(answers);
        } else {
            answers.forEach((node, answer) -> print(out, node, answer));
        }
        if (!missing.isEmpty()) {
            throw CommandException.failed(
                    "no answer within %s s from %s"
                            .formatted(Seconds.text(timeout), String.join(", ", missing)));
        }
        if (answers.isEmpty()) {
            throw CommandException.failed(
                    "no worker has answered within %s s; is one running on %s?"
                            .formatted(Seconds.text(timeout), muster.brokerDescription()));
        }
        return answers.values().stream().anyMatch(RemoteOptions::isError) ? 1 : 0;
    }

    private Control control(Muster muster) {
        var control = muster.control().within(Seconds.toDuration("--timeout", timeout));
        if (!nodes.isEmpty()) {
            return control.to(nodes.toArray(String[]::new));
        }
        return pattern == null ? control : control.matching(pattern);
    }

    private static boolean isError(@Nullable Object answer) {
        return answer instanceof Map<?, ?> map && map.containsKey("error");
    }

    private static void print(PrintWriter out, String node, @Nullable Object answer) {
        if (answer instanceof Map<?, ?> map && isError(map)) {
            out.printf(
                    "->  %s: ERROR%n    %s%n",
                    TerminalText.clean(node), TerminalText.clean(String.valueOf(map.get("error"))));
            return;
        }
        out.printf("->  %s: OK%n", TerminalText.clean(node));
        lines(answer).forEach(line -> out.printf("    %s%n", line));
    }

    /// What a worker has answered, for people.
    static List<String> lines(@Nullable Object answer) {
        return switch (answer) {
            case null -> List.of();
            case Map<?, ?> map when map.get("ok") instanceof String text -> clean(text.lines());
            case Map<?, ?> map ->
                    clean(
                            map.entrySet().stream()
                                    .map(entry -> entry.getKey() + ": " + shown(entry.getValue())));
            case List<?> list when list.isEmpty() -> List.of("- empty -");
            case List<?> list -> clean(list.stream().map(item -> "* " + shown(item)));
            default -> clean(String.valueOf(answer).lines());
        };
    }

    private static List<String> clean(Stream<String> lines) {
        return lines.map(TerminalText::clean).toList();
    }

    private static String shown(@Nullable Object value) {
        return value instanceof String text ? text : Printer.text(value);
    }
}
