package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.Setting;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a schedule is kept.
final class ScheduleOption {
    /// One letter before a colon is a drive.
    private static final Pattern URL = Pattern.compile("[a-z][a-z+]+:.*");

    @Option(
            names = {"-s", "--schedule"},
            paramLabel = "FILE|URL",
            description =
                    "Where the schedule is kept: a file, by default .muster/schedule.json, or redis://…, sqlite:…,"
                            + " postgresql://…, for beats on several machines.")
    private @Nullable String place;

    Muster.Builder applyTo(Muster.Builder builder) {
        if (place == null) {
            return builder;
        }
        return builder.set(
                (URL.matcher(place).matches()
                                ? Setting.BEAT_SCHEDULE_STORE
                                : Setting.BEAT_SCHEDULE_FILENAME)
                        .name(),
                place);
    }
}
