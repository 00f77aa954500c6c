package dev.muster.cli;

import dev.muster.queue.Muster;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `muster` command.
///
/// Exit status: 0; 1 when what was asked for failed; 2 when it was asked for wrongly.
@Command(
        name = "muster",
        description =
                "Runs functions on threads, in processes, or on a queue of workers, and speaks Celery's wire format.",
        synopsisSubcommandLabel = "VERB",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Settings come from muster.yaml in the working directory, from MUSTER_… variables, and from options,"
                    + " the later winning. With none, tasks wait in the file .muster/queue.db.",
            "",
            "Example:",
            "  muster run Currency.java EURUSD"
        })
public final class Main {
    /// In the order of the help text.
    static final List<String> VERBS =
            List.of(
                    "run",
                    "worker",
                    "beat",
                    "schedule",
                    "call",
                    "result",
                    "graph",
                    "purge",
                    "list",
                    "status",
                    "inspect",
                    "control",
                    "events",
                    "report",
                    "grep",
                    "speedup",
                    "manager",
                    "pool");

    /// Those that start while they are counted.
    private static final int MORE_THREADS = 16;

    private static final Set<String> VERSION = Set.of("-V", "--version");

    /// As `muster --version` prints it.
    static final String VERSION_LINE = "muster " + Muster.VERSION;

    private Main() {}

    /// Runs the command and ends the JVM, but for a program run to its good end: its own threads
    /// may live on, as with `java`.
    public static void main(String[] args) {
        var status = execute(writer(System.out), writer(System.err), args);
        var isProgram = args.length > 0 && args[0].equals("run");
        // Exiting looks for a logger in every jar of the class path, which takes longer than the
        // start of a JVM; without it the JVM ends as well, if no thread keeps it.
        if (status != 0 || (!isProgram && othersRun())) {
            System.exit(status);
        }
    }

    private static boolean othersRun() {
        var self = Thread.currentThread();
        var threads = new Thread[self.getThreadGroup().activeCount() + MORE_THREADS];
        self.getThreadGroup().enumerate(threads);
        // A lambda here would be linked anew at each start, as the practice of the AOT cache ends
        // without coming this way.
        for (var thread : threads) {
            if (thread != null && !thread.equals(self) && !thread.isDaemon()) {
                return true;
            }
        }
        return false;
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /// Runs the command in this JVM.
    ///
    /// @return the exit status
    static int execute(PrintWriter out, PrintWriter err, String... args) {
        if (args.length == 1 && VERSION.contains(args[0])) {
            // Loading the parser takes longer than all else.
            out.println(VERSION_LINE);
            return 0;
        }
        var words = args.length == 0 ? new String[] {"--help"} : args;
        var line = new CommandLine(new Main());
        // Reading the options of all verbs takes longer than most verbs, so only the one that is
        // meant is read.
        var verbs = VERBS.contains(words[0]) ? List.of(words[0]) : VERBS;
        verbs.forEach(verb -> line.addSubcommand(verb(verb)));
        line.setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Problems::wrongUse)
                .setExecutionExceptionHandler(Problems::failed);
        // What follows the file belongs to the program, also where it looks like an option.
        line.getSubcommands().values().stream()
                .filter(verb -> verb.getCommand() instanceof RunCommand)
                .forEach(run -> run.setStopAtPositional(true));
        tellVersion(line);
        return line.execute(words);
    }

    /// `--version` says the same behind every verb.
    private static void tellVersion(CommandLine line) {
        line.getCommandSpec().version(VERSION_LINE);
        line.getSubcommands().values().forEach(Main::tellVersion);
    }

    private static Object verb(String name) {
        return switch (name) {
            case "run" -> new RunCommand();
            case "worker" -> new WorkerCommand();
            case "beat" -> new BeatCommand();
            case "schedule" -> new ScheduleCommand();
            case "call" -> new CallCommand();
            case "result" -> new ResultCommand();
            case "graph" -> new GraphCommand();
            case "purge" -> new PurgeCommand();
            case "list" -> new ListCommand();
            case "status" -> new StatusCommand();
            case "inspect" -> new InspectCommand();
            case "control" -> new ControlCommand();
            case "events" -> new EventsCommand();
            case "report" -> new ReportCommand();
            case "grep" -> new GrepCommand();
            case "speedup" -> new SpeedupCommand();
            case "manager" -> new ManagerCommand();
            case "pool" -> new PoolCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
