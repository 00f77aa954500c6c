package dev.muster.cli;

import dev.muster.queue.ScheduledTask;
import dev.muster.queue.schedule.Crontab;
import dev.muster.queue.schedule.Schedule;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
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
        name = "list",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the entries of a schedule: when each was sent last, how often, and when it will be. Times are in UTC.",
            "",
            "Entries of programs and settings are there when a beat has been started with them."
        },
        footer = {"", "Example:", "  muster schedule list -s redis://localhost --json"})
final class ScheduleListCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ScheduleOption schedule = new ScheduleOption();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        var printer =
                new Printer(Objects.requireNonNull(spec, "spec").commandLine().getOut(), json);
        try (var muster = schedule.applyTo(connection.muster()).build();
                var schedules = muster.schedules()) {
            var entries = schedules.list();
            if (json) {
                printer.json(entries.stream().map(ScheduleListCommand::fields).toList());
            } else {
                if (entries.isEmpty()) {
                    printer.out().println("no entries in " + schedules.description());
                }
                print(entries, printer);
            }
        }
        return 0;
    }

    private static Map<String, @Nullable Object> fields(ScheduledTask task) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("name", task.entry().name());
        fields.put("task", task.entry().call().task());
        fields.put("schedule", text(task.entry().schedule()));
        fields.put("paused", task.isPaused());
        fields.put("configured", task.isConfigured());
        fields.put("last_run_at", task.lastRunAt());
        fields.put("total_run_count", task.totalRunCount());
        fields.put("next_run_at", task.nextRunAt().orElse(null));
        return fields;
    }

    private static void print(List<ScheduledTask> tasks, Printer printer) {
        for (var task : tasks) {
            printer.out()
                    .printf(
                            "%s: %s, %s; sent %d times, %s %s; %s%n",
                            task.entry().name(),
                            task.entry().call().task(),
                            text(task.entry().schedule()),
                            task.totalRunCount(),
                            task.totalRunCount() == 0 ? "there since" : "last",
                            text(task.lastRunAt()),
                            task.isPaused()
                                    ? "paused"
                                    : task.nextRunAt()
                                            .map(next -> "next " + text(next))
                                            .orElse("never again"));
        }
    }

    private static String text(Schedule schedule) {
        return schedule instanceof Crontab crontab && crontab.zone().isPresent()
                ? crontab + " " + crontab.zone().get()
                : schedule.toString();
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
