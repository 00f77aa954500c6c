package dev.muster.cli;

import dev.muster.queue.Muster;
import java.util.LinkedHashMap;
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
        name = "list",
        mixinStandardHelpOptions = true,
        description =
                "Lists the tasks of an application, or the queues with the number of messages that wait in each.",
        footer = {
            "",
            "Examples:",
            "  muster list tasks -A Currency.java",
            "  muster list queues -Q celery,reports"
        })
final class ListCommand implements Callable<Integer> {
    enum What {
        TASKS,
        QUEUES
    }

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ApplicationOptions application = new ApplicationOptions();

    @Parameters(paramLabel = "tasks|queues", description = "What to list.")
    private What what = What.TASKS;

    @Option(
            names = {"-Q", "--queues"},
            split = ",",
            paramLabel = "QUEUE",
            description =
                    "Which queues, separated by commas. By default those that a worker would read.")
    private List<String> queues = List.of();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        var printer =
                new Printer(Objects.requireNonNull(spec, "spec").commandLine().getOut(), json);
        switch (what) {
            case TASKS -> {
                var tasks = application.load();
                try (var muster = tasks.registerWith(connection.muster()).build()) {
                    printTasks(muster.tasks(), printer);
                }
            }
            case QUEUES -> {
                try (var muster = connection.muster().build()) {
                    printQueues(muster, printer);
                }
            }
        }
        return 0;
    }

    private static void printTasks(List<String> tasks, Printer printer) {
        if (printer.json()) {
            printer.json(tasks);
        } else {
            tasks.forEach(printer.out()::println);
        }
    }

    private void printQueues(Muster muster, Printer printer) {
        var lengths = new LinkedHashMap<String, Long>();
        (queues.isEmpty() ? muster.queues().stream().sorted().toList() : queues)
                .forEach(queue -> lengths.put(queue, muster.queueLength(queue)));
        if (printer.json()) {
            printer.json(lengths);
        } else {
            lengths.forEach((queue, length) -> printer.out().printf("%8d  %s%n", length, queue));
        }
    }
}
