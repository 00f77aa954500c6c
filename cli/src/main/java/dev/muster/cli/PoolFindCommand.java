package dev.muster.cli;

import dev.muster.parallel.cluster.Discovery;
import dev.muster.parallel.cluster.FoundServer;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
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
        name = "find",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the pool servers that answer on this machine and, with a key, on its networks.",
            "",
            "Those of another key do not answer. The exit status is 1 when there are none."
        },
        footer = {"", "Example:", "  muster pool find --key-file muster.key"})
final class PoolFindCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private KeyFileOption key = new KeyFileOption();

    @Option(
            names = "--broadcast",
            paramLabel = "ADDRESS",
            description =
                    "Where to ask, such as 192.168.1.255; may be given several times. By default on all networks of this machine.")
    private List<String> addresses = List.of();

    @Option(
            names = "--discovery-port",
            paramLabel = "PORT",
            description = "The UDP port on which servers listen. By default 7474.")
    private int port = Discovery.PORT;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long answers are waited for. By default 1.")
    private double wait = 1;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!(wait >= 0)) {
            throw CommandException.wrongUse("--wait is a number of seconds from 0 on, was " + wait);
        }
        var servers =
                new Discovery(broadcastAddresses(), port, Discovery.DEFAULT.interval())
                        .find(key.key(), Duration.ofMillis((long) (wait * 1000)));
        var printer =
                new Printer(Objects.requireNonNull(spec, "spec").commandLine().getOut(), json);
        if (json) {
            printer.json(servers.stream().map(PoolFindCommand::fields).toList());
        } else {
            servers.forEach(server ->
                    printer.out().printf("%-22s %4d slots%n", server.address(), server.slots()));
        }
        if (servers.isEmpty() && !json) {
            throw CommandException.failed(
                    "no pool server answers; has it the same key and the same discovery port?");
        }
        return servers.isEmpty() ? 1 : 0;
    }

    private List<InetAddress> broadcastAddresses() {
        var found = new ArrayList<InetAddress>();
        for (var address : addresses) {
            try {
                found.add(InetAddress.ofLiteral(address));
            } catch (IllegalArgumentException e) {
                throw CommandException.wrongUse(
                        "--broadcast takes addresses such as 192.168.1.255, not '%s'"
                                .formatted(address),
                        e);
            }
        }
        return found;
    }

    private static Map<String, Object> fields(FoundServer server) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("id", server.id());
        fields.put("address", server.address());
        fields.put("slots", server.slots());
        return fields;
    }
}
