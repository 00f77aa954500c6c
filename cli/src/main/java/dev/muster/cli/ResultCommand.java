package dev.muster.cli;

import dev.muster.queue.spi.ResultRecord;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "result",
        mixinStandardHelpOptions = true,
        description =
                "Prints the result of a task that was sent before. When there is none yet, the exit status is 1.",
        footer = {
            "",
            "Example:",
            "  muster result 3b1f0c9e-7b1e-4c58-9d3c-0d9b7c1f9f55 --timeout 10"
        })
final class ResultCommand implements Callable<Integer> {
    /// What is stored is only to be fetched.
    private static final Duration AT_HAND = Duration.ofSeconds(10);

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Parameters(paramLabel = "ID", description = "The task's id, as muster call has printed it.")
    private String id = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "Wait so long for it. By default not at all.")
    private double timeout;

    @Option(names = "--json", description = "Print a JSON object with id and result.")
    private boolean json;

    @Override
    public Integer call() {
        var limit = Seconds.toDuration("--timeout", timeout);
        try (var muster = connection.muster().build()) {
            var isReady =
                    muster.resultRecord(id)
                            .map(ResultRecord::state)
                            .filter(state -> state.isReady())
                            .isPresent();
            if (!isReady && limit.isZero()) {
                var state =
                        muster.resultRecord(id)
                                .map(record -> record.state().name())
                                .orElse("PENDING");
                throw CommandException.failed(
                        "task %s has no result yet, its state is %s; wait for it with --timeout SECONDS"
                                .formatted(id, state));
            }
            var value = muster.result(id, Object.class).get(isReady ? AT_HAND : limit);
            new Printer(Objects.requireNonNull(spec, "spec").commandLine().getOut(), json)
                    .result(id, value);
        }
        return 0;
    }
}
