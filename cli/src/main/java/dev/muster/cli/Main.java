package dev.muster.cli;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `muster` command.
///
/// Exit status: 0; 1 when what was asked for failed; 2 when it was asked for wrongly.
@Command(
        name = "muster",
        description =
                "Runs functions on a thread, or on a queue of workers, and speaks Celery's wire format.",
        subcommands = {
            RunCommand.class,
            WorkerCommand.class,
            CallCommand.class,
            ResultCommand.class,
            PurgeCommand.class,
            ListCommand.class,
            ReportCommand.class
        },
        synopsisSubcommandLabel = "VERB",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footer = {
            "",
            "Settings come from muster.yaml in the working directory, from MUSTER_… variables, and from options,"
                    + " the later winning. With none, tasks wait in the file .muster/queue.db.",
            "",
            "Example:",
            "  muster run Currency.java EURUSD"
        })
public final class Main {
    private Main() {}

    /// Runs the command and ends the JVM, but for a program run to its good end: its own threads
    /// may live on, as with `java`.
    public static void main(String[] args) {
        var status = execute(writer(System.out), writer(System.err), args);
        if (status != 0 || args.length == 0 || !args[0].equals("run")) {
            System.exit(status);
        }
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /// Runs the command in this JVM.
    ///
    /// @return the exit status
    static int execute(PrintWriter out, PrintWriter err, String... args) {
        var line =
                new CommandLine(new Main())
                        .setOut(out)
                        .setErr(err)
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setUsageHelpAutoWidth(true)
                        .setParameterExceptionHandler(Problems::wrongUse)
                        .setExecutionExceptionHandler(Problems::failed);
        // What follows the file belongs to the program, also where it looks like an option.
        Objects.requireNonNull(line.getSubcommands().get("run")).setStopAtPositional(true);
        return line.execute(args.length == 0 ? new String[] {"--help"} : args);
    }
}
