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
        name = "control",
        mixinStandardHelpOptions = true,
        description = {
            "Tells the workers that listen now to do something, Python workers included.",
            "",
            "Exit status 1 when nobody answers, one of those that -d names does not, or one refuses."
        },
        footer = {
            "",
            "Examples:",
            "  muster control rate_limit Mail.send 10/m",
            "  muster control pool_grow 2 -d muster@web1"
        })
final class ControlCommand implements Callable<Integer> {
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
            return RemoteVerb.names(RemoteVerb.CONTROL).iterator();
        }
    }

    @Override
    public Integer call() {
        var verb = RemoteVerb.find(RemoteVerb.CONTROL, command);
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
