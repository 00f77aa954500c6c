package dev.muster.cli;

import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = {
            "Asks the workers that listen now what they are and do, Python workers included.",
            "",
            "Exit status 1 when nobody answers, one of those that -d names does not, or one refuses."
        },
        footer = {
            "",
            "Examples:",
            "  muster inspect active -b redis://localhost",
            "  muster inspect stats -d muster@web1 --json"
        })
final class InspectCommand extends RemoteCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "COMMAND",
            description =
                    "${COMPLETION-CANDIDATES}, or one of the application's own with its arguments as name=value.",
            completionCandidates = Names.class)
    private String command = "";

    /// For the help text.
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return RemoteVerb.names(RemoteVerb.INSPECT).iterator();
        }
    }

    @Override
    public Integer call() {
        return ask(RemoteVerb.INSPECT, command);
    }
}
