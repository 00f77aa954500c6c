package dev.muster.cli;

import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "control",
        mixinStandardHelpOptions = true,
        description = {
            "Tells the workers that listen now to do something, Python workers included.",
            "",
            "Exit status 1 when nobody answers, one of those that -d names does not, or one refuses."
        },
        footer = {
            "",
            "Examples:",
            "  muster control rate_limit Mail.send 10/m",
            "  muster control pool_grow 2 -d muster@web1"
        })
final class ControlCommand extends RemoteCommand implements Callable<Integer> {
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
            return RemoteVerb.names(RemoteVerb.CONTROL).iterator();
        }
    }

    @Override
    public Integer call() {
        return ask(RemoteVerb.CONTROL, command);
    }
}
