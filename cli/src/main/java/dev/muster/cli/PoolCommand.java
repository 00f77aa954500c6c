package dev.muster.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "pool",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(serve | find)",
        subcommands = {PoolServeCommand.class, PoolFindCommand.class},
        description = {
            "Runs calls of programs on other machines, and finds machines that do.",
            "",
            "A program finds them with ClusterPool.builder().discover(), or names them with server(\"HOST:PORT\")."
        },
        footer = {"", "Examples:", "  muster pool serve", "  muster pool find"})
final class PoolCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw CommandException.wrongUse("say what to do: muster pool serve, or muster pool find");
    }
}
