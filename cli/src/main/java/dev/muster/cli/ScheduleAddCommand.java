package dev.muster.cli;

import dev.muster.queue.Canvas;
import dev.muster.queue.ScheduleEntry;
import dev.muster.queue.Signature;
import dev.muster.queue.codec.Json;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
import dev.muster.queue.schedule.ScheduleFormat;
import dev.muster.queue.spi.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = {
            "Adds an entry to a schedule: beats send the task at its times from now on.",
            "",
            "A word that reads as JSON is that value, so 3 is a number and true a boolean; any other is a text."
        },
        footer = {
            "",
            "Examples:",
            "  muster schedule add nightly Reports.make full --cron '0 4 * * mon-fri'",
            "  muster schedule add ping Monitor.ping --every 30s --expires 30s",
            "  muster schedule add lamps House.on --solar sunset --latitude 52 --longitude 13"
        })
final class ScheduleAddCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ScheduleOption schedule = new ScheduleOption();

    @Parameters(index = "0", paramLabel = "NAME", description = "The entry's name.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "TASK", description = "The task's name.")
    private String task = "";

    @Parameters(index = "2..*", paramLabel = "WORD", description = "Its positional arguments.")
    private List<String> words = List.of();

    @Mixin private CallArguments arguments = new CallArguments();

    @ArgGroup(multiplicity = "1")
    private Times times = new Times();

    /// Exactly one of them.
    static final class Times {
        @Option(
                names = "--every",
                paramLabel = "TIME",
                description = "The time between two runs: 30s, 10m, 2h, or seconds.")
        private @Nullable String every;

        @Option(
                names = "--cron",
                paramLabel = "CRONTAB",
                description =
                        "Minute, hour, day of month, month, day of week; all five must match, and Sunday is 0.")
        private @Nullable String cron;

        @Option(
                names = "--solar",
                paramLabel = "EVENT",
                description =
                        "An event of the sun, such as sunrise, solar_noon, dusk_civil; with --latitude and --longitude.")
        private @Nullable String solar;
    }

    @Option(
            names = "--latitude",
            paramLabel = "DEGREES",
            description = "For --solar, north positive.")
    private @Nullable Double latitude;

    @Option(
            names = "--longitude",
            paramLabel = "DEGREES",
            description = "For --solar, east positive.")
    private @Nullable Double longitude;

    @Option(
            names = "--relative",
            description = "With --every: at the beginning of the day, the hour or the minute.")
    private boolean relative;

    @Option(
            names = "--timezone",
            paramLabel = "ZONE",
            description = "For --cron and --relative. By default that of the setting timezone.")
    private @Nullable String timezone;

    @Option(
            names = {"-q", "--queue"},
            paramLabel = "QUEUE",
            description = "The queue to send it to. By default the task's, or the default queue.")
    private @Nullable String queue;

    @Option(
            names = "--expires",
            paramLabel = "TIME",
            description = "How long a run may wait before it must not be started any more.")
    private @Nullable String expires;

    @Option(
            names = "--missed",
            paramLabel = "once|skip|all",
            description =
                    "What becomes of runs whose time passed while no beat was there. By default one is sent.")
    private MissedRuns missed = MissedRuns.ONCE;

    @Option(
            names = "--jitter",
            paramLabel = "TIME",
            description = "The longest time by which a run is put off, differently each time.")
    private @Nullable String jitter;

    @Override
    public Integer call() {
        try (var muster = schedule.applyTo(connection.muster()).build();
                var schedules = muster.schedules()) {
            var values = new Json(muster.settings().get(Setting.JSON_TYPED_VALUES));
            var entry = ScheduleEntry.of(name, times(), signature(values)).withMissed(missed);
            schedules.add(
                    jitter == null ? entry : entry.withJitter(ScheduleFormat.duration(jitter)));
        }
        Objects.requireNonNull(spec, "spec").commandLine().getOut().printf("%s is added%n", name);
        return 0;
    }

    private Signature<?> signature(Json values) {
        Signature<?> call =
                Canvas.call(task)
                        .args(arguments.positional(values, words))
                        .kwargs(arguments.keywords(values));
        if (queue != null) {
            call = call.queue(queue);
        }
        return expires == null ? call : call.expires(ScheduleFormat.duration(expires));
    }

    private Schedule times() {
        var plain = new LinkedHashMap<String, Object>();
        put(plain, "every", times.every);
        put(plain, "crontab", times.cron);
        put(plain, "solar", times.solar);
        put(plain, "latitude", latitude);
        put(plain, "longitude", longitude);
        put(plain, "timezone", timezone);
        put(plain, "relative", relative ? true : null);
        return ScheduleFormat.read(plain);
    }

    private static void put(Map<String, Object> plain, String name, @Nullable Object value) {
        if (value != null) {
            plain.put(name, value);
        }
    }
}
