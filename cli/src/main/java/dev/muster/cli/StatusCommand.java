package dev.muster.cli;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "Lists the workers that listen now, Python workers included. Exit status 1 when there is none, or one that -d names does not answer: fit for a readiness probe.",
        footer = {"", "Example:", "  muster status -b redis://localhost -d muster@$(hostname)"})
final class StatusCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private RemoteOptions workers = new RemoteOptions();

    @Override
    public Integer call() {
        try (var muster = connection.muster().build()) {
            return workers.ask(
                    muster,
                    Objects.requireNonNull(spec, "spec").commandLine().getOut(),
                    "ping",
                    Map.of());
        }
    }
}
