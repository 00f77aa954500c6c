package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.events.Event;
import dev.muster.queue.events.EventReceiver;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "events",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what happens in the cluster: on a terminal the tasks and the workers, live, with keys to look at them"
                    + " and to revoke; elsewhere one line for each event, until it is stopped.",
            "",
            "Workers, Python workers included, tell of themselves always, and of tasks with -E, or once muster"
                    + " control enable_events has told them to."
        },
        footer = {
            "",
            "Examples:",
            "  muster events -b redis://localhost",
            "  muster events -b redis://localhost --json"
        })
final class EventsCommand implements Callable<Integer> {
    private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    /// Not worth a column, or shown elsewhere in the line.
    private static final List<String> HIDDEN =
            List.of(
                    "type",
                    "hostname",
                    "timestamp",
                    "utcoffset",
                    "clock",
                    "uuid",
                    "pid",
                    "root_id",
                    "parent_id",
                    "sw_ident",
                    "sw_ver",
                    "sw_sys",
                    "freq",
                    "traceback");

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "Print lines, and end after so many.")
    private long count = Long.MAX_VALUE;

    @Option(names = "--dump", description = "Print lines, also on a terminal.")
    private boolean dump;

    @Option(names = "--json", description = "Print each event with all its fields as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        var out = Objects.requireNonNull(spec, "spec").commandLine().getOut();
        try (var muster = connection.muster().build()) {
            if (dump || json || count != Long.MAX_VALUE || !isOnTerminal()) {
                try (var receiver = muster.receiveEvents()) {
                    follow(receiver, out);
                }
            } else {
                show(muster);
            }
        }
        return 0;
    }

    /// One that can do more than print lines.
    private static boolean isOnTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
                && !"dumb".equals(System.getenv().getOrDefault("TERM", "dumb"));
    }

    private static void show(Muster muster) throws IOException {
        try (var view = new LiveEvents(muster, InstantSource.system());
                var terminal = TerminalBuilder.builder().system(true).dumb(false).build()) {
            LogConfigurator.silence(); // the screen says what is the matter
            view.show(terminal);
        }
    }

    private void follow(EventReceiver receiver, PrintWriter out) {
        for (var left = count; left > 0; ) {
            for (var event : receiver.take(TAKE_TIMEOUT)) {
                if (left-- > 0) {
                    // JSON has escapes of its own.
                    out.println(
                            json ? Printer.text(event.fields()) : TerminalText.clean(line(event)));
                }
            }
            out.flush();
        }
    }

    private static String line(Event event) {
        var details =
                event.fields().entrySet().stream()
                        .filter(field -> !HIDDEN.contains(field.getKey()))
                        .filter(field -> field.getValue() != null)
                        .map(field -> "%s=%s".formatted(field.getKey(), field.getValue()))
                        .collect(Collectors.joining(" "));
        return "%s %s %s%s %s"
                .formatted(
                        TIME.format(event.time()),
                        event.hostname(),
                        event.type(),
                        event.taskId().map(id -> " " + id).orElse(""),
                        details)
                .strip();
    }
}
