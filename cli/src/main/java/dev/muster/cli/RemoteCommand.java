package dev.muster.cli;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// A verb that sends one of several commands to workers.
abstract class RemoteCommand {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private RemoteOptions workers = new RemoteOptions();

    @Parameters(index = "1..*", paramLabel = "WORD", description = "What it needs.")
    private List<String> words = List.of();

    /// @return the exit status
    final int ask(List<RemoteVerb> commands, String name) {
        var verb = RemoteVerb.find(commands, name);
        var suggestion = verb.isPresent() ? "" : RemoteVerb.suggestion(commands, name);
        var arguments =
                verb.map(known -> known.arguments(words))
                        .orElseGet(() -> RemoteVerb.named(name, words, suggestion));
        var line = Objects.requireNonNull(spec, "spec").commandLine();
        try (var muster = connection.muster().build()) {
            var status = workers.ask(muster, line.getOut(), name, arguments);
            if (status != 0 && !suggestion.isEmpty()) {
                // A worker that does not know a command answers no more than its name, as Celery's.
                line.getErr()
                        .printf("muster: '%s' is none of Celery's commands%s%n", name, suggestion);
            }
            return status;
        }
    }
}
