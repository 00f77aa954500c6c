package dev.muster.cli;

import dev.muster.queue.Canvas;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Setting;
import java.util.List;
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
        name = "call",
        mixinStandardHelpOptions = true,
        description = {
            "Sends a task by its name, and prints the id by which muster result finds its result.",
            "",
            "With -A the task is sent as its @Task says: to its queue, with its priority.",
            "",
            "A word that reads as JSON is that value, so 3 is a number and true a boolean; any other is a text."
        },
        footer = {
            "",
            "Examples:",
            "  muster call Currency.rate EURUSD offline --wait",
            "  muster call reports.make full --queue reports --countdown 10m --expires 1h"
        })
final class CallCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ApplicationOptions application = new ApplicationOptions();

    @Parameters(index = "0", paramLabel = "NAME", description = "The task's name.")
    private String name = "";

    @Parameters(index = "1..*", paramLabel = "WORD", description = "Its positional arguments.")
    private List<String> words = List.of();

    @Mixin private CallArguments arguments = new CallArguments();

    @Mixin private SendOptions options = new SendOptions();

    @Option(names = "--wait", description = "Wait for the result, and print it.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long --wait waits at the most; ${DEFAULT-VALUE} by default.")
    private double timeout = 300;

    @Option(names = "--json", description = "Print a JSON object with id and result.")
    private boolean json;

    @Override
    public Integer call() {
        try (var muster = application.registerWith(connection.muster()).build()) {
            application.requireTask(muster, name);
            var values = new Json(muster.settings().get(Setting.JSON_TYPED_VALUES));
            var signature =
                    Canvas.call(name)
                            .args(arguments.positional(values, words))
                            .kwargs(arguments.keywords(values));
            var result = muster.send(options.applyTo(signature));
            var printer =
                    new Printer(Objects.requireNonNull(spec, "spec").commandLine().getOut(), json);
            if (wait) {
                printer.result(result.id(), result.get(Seconds.toDuration("--timeout", timeout)));
            } else {
                printer.id(result.id());
            }
        }
        return 0;
    }
}
