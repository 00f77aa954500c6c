package dev.muster.cli;

import dev.muster.queue.Muster;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "purge",
        mixinStandardHelpOptions = true,
        description = "Removes all messages that wait in queues. It asks before it does.",
        footer = {"", "Example:", "  muster purge -Q reports,mail"})
final class PurgeCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = {"-Q", "--queues"},
            split = ",",
            paramLabel = "QUEUE",
            description =
                    "The queues, separated by commas. By default those that a worker would read.")
    private List<String> queues = List.of();

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask.")
    private boolean force;

    @Option(
            names = "--json",
            description = "Print a JSON object with the number of messages removed.")
    private boolean json;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec, "spec").commandLine().getOut();
        try (var muster = connection.muster().build()) {
            var names = queues.isEmpty() ? muster.queues().stream().sorted().toList() : queues;
            if (!force && !isConfirmed(muster, names)) {
                out.println("Nothing removed.");
                return 1;
            }
            var removed = names.stream().mapToLong(muster::purge).sum();
            if (json) {
                new Printer(out, true).json(Map.of("purged", removed));
            } else {
                out.printf("%s removed from %s.%n", messages(removed), String.join(", ", names));
            }
        }
        return 0;
    }

    @SuppressWarnings("SystemConsoleNull") // since 25 it is null again where there is no terminal
    private static boolean isConfirmed(Muster muster, Collection<String> names) {
        var console = System.console();
        if (console == null || !console.isTerminal()) {
            throw CommandException.wrongUse(
                    "purge cannot ask here, as there is no terminal; give -f if you are sure");
        }
        var waiting = names.stream().mapToLong(muster::queueLength).sum();
        System.err.printf(
                "%s in %s %s will be lost. Go on? [y/N] ",
                messages(waiting),
                names.size() == 1 ? "queue" : "queues",
                String.join(", ", names));
        System.err.flush();
        var answer = console.readLine();
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }

    private static String messages(long count) {
        return count == 1 ? "1 message" : count + " messages";
    }
}
