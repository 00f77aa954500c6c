package dev.muster.cli;

import dev.muster.parallel.wire.Addresses;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a process answers over HTTP, if it does.
final class HttpOption {
    private static final String THIS_MACHINE = "127.0.0.1:";

    @Option(
            names = "--http",
            paramLabel = "[HOST:]PORT",
            description =
                    "Answer probes at this address: GET /healthz (does it live?) and GET /readyz (does it do its"
                            + " work?). HOST is 127.0.0.1 unless you name another, such as 0.0.0.0 for all; port 0"
                            + " picks one that is free.")
    private @Nullable String address;

    /// @return null when nobody is to be answered
    /// @throws CommandException when the address cannot be had
    @Nullable Endpoints bind() {
        return address == null ? null : Endpoints.bind(parse(address));
    }

    static InetSocketAddress parse(String text) {
        try {
            return Addresses.parse(text.contains(":") ? text : THIS_MACHINE + text);
        } catch (IllegalArgumentException _) {
            throw CommandException.wrongUse(
                    "--http takes a port, or HOST:PORT, such as 8080 or 0.0.0.0:8080, not '%s'"
                            .formatted(text));
        }
    }
}
