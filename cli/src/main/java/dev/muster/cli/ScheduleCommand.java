package dev.muster.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "schedule",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(list | add | pause | resume | remove)",
        subcommands = {
            ScheduleListCommand.class,
            ScheduleAddCommand.class,
            ScheduleChangeCommand.Pause.class,
            ScheduleChangeCommand.Resume.class,
            ScheduleChangeCommand.Remove.class
        },
        description = {
            "Reads and changes the schedule by which muster beat sends tasks, also while it runs."
        },
        footer = {
            "",
            "Examples:",
            "  muster schedule list",
            "  muster schedule add nightly Reports.make --cron '0 4 * * mon-fri'"
        })
final class ScheduleCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw CommandException.wrongUse(
                "say what to do: muster schedule list, add, pause, resume or remove");
    }
}
