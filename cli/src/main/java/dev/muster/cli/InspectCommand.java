package dev.muster.cli;

import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Asks the workers that listen now what they are and do, Python workers included.",
            "",
            "Exit status 1 when nobody answers, one of those that -d names does not, or one refuses."
        },
        footer = {
            "",
            "Examples:",
            "  muster inspect active -b redis://localhost",
            "  muster inspect stats -d muster@web1 --json"
        })
final class InspectCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private RemoteOptions workers = new RemoteOptions();

    @Parameters(
            index = "0",
            paramLabel = "COMMAND",
            description = "${COMPLETION-CANDIDATES}",
            completionCandidates = Names.class)
    private String command = "";

    @Parameters(index = "1..*", paramLabel = "WORD", description = "What it needs.")
    private List<String> words = List.of();

    /// For the help text.
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return RemoteVerb.names(RemoteVerb.INSPECT).iterator();
        }
    }

    @Override
    public Integer call() {
        var verb = RemoteVerb.find(RemoteVerb.INSPECT, command);
        var arguments = verb.arguments(words);
        try (var muster = connection.muster().build()) {
            return workers.ask(
                    muster,
                    Objects.requireNonNull(spec, "spec").commandLine().getOut(),
                    verb.name(),
                    arguments);
        }
    }
}
