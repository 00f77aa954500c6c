package dev.muster.cli;

import dev.muster.queue.Schedules;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Changes one entry of a schedule.
abstract class ScheduleChangeCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ScheduleOption schedule = new ScheduleOption();

    @Parameters(paramLabel = "NAME", description = "The entry's name.")
    private String name = "";

    private final String done;

    /// @param done what has become of the entry, for people
    ScheduleChangeCommand(String done) {
        this.done = done;
    }

    abstract void change(Schedules schedules, String entry);

    @Override
    public Integer call() {
        try (var muster = schedule.applyTo(connection.muster()).build();
                var schedules = muster.schedules()) {
            change(schedules, name);
        }
        Objects.requireNonNull(spec, "spec").commandLine().getOut().printf("%s %s%n", name, done);
        return 0;
    }

    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            description = "Sends nothing more for an entry, until it is resumed.",
            footer = {"", "Example:", "  muster schedule pause nightly"})
    static final class Pause extends ScheduleChangeCommand {
        Pause() {
            super("is paused");
        }

        @Override
        void change(Schedules schedules, String entry) {
            schedules.pause(entry);
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description =
                    "Goes on with an entry that was paused. What it would have sent meanwhile is left out.",
            footer = {"", "Example:", "  muster schedule resume nightly"})
    static final class Resume extends ScheduleChangeCommand {
        Resume() {
            super("goes on");
        }

        @Override
        void change(Schedules schedules, String entry) {
            schedules.resume(entry);
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes an entry that was added with muster schedule add.",
            footer = {"", "Example:", "  muster schedule remove nightly"})
    static final class Remove extends ScheduleChangeCommand {
        Remove() {
            super("is removed");
        }

        @Override
        void change(Schedules schedules, String entry) {
            schedules.remove(entry);
        }
    }
}
