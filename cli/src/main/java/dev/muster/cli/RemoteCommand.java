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
        var arguments =
                RemoteVerb.find(commands, name)
                        .map(verb -> verb.arguments(words))
                        .orElseGet(() -> RemoteVerb.named(name, words));
        try (var muster = connection.muster().build()) {
            return workers.ask(
                    muster,
                    Objects.requireNonNull(spec, "spec").commandLine().getOut(),
                    name,
                    arguments);
        }
    }
}
