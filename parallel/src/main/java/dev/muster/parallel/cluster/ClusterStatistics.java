package dev.muster.parallel.cluster;

import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;

/// What a [ClusterPool] has done where. As a text, it is a table for people.
///
/// @param servers the local processes first, if there are any
public record ClusterStatistics(List<ServerStatistics> servers) {
    public ClusterStatistics {
        servers = List.copyOf(servers);
    }

    /// Those of one server.
    ///
    /// @param name `HOST:PORT`, or `local`
    /// @throws NoSuchElementException when the pool knows none of that name
    public ServerStatistics of(String name) {
        return servers.stream()
                .filter(server -> server.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no server " + name));
    }

    @Override
    public String toString() {
        var table = new StringBuilder();
        table.append(
                String.format(
                        "%-22s %-10s %5s %6s %8s %6s %6s %10s %12s %10s%n",
                        "server",
                        "state",
                        "slots",
                        "flight",
                        "done",
                        "failed",
                        "lost",
                        "work (s)",
                        "average (s)",
                        "calls/s"));
        for (var server : servers) {
            table.append(
                    String.format(
                            Locale.ROOT,
                            "%-22s %-10s %5d %6d %8d %6d %6d %10.3f %12.6f %10.1f",
                            server.name(),
                            server.state().name().toLowerCase(Locale.ROOT),
                            server.slots(),
                            server.inFlight(),
                            server.done(),
                            server.failed(),
                            server.lost(),
                            server.work().toNanos() / 1e9,
                            server.average().toNanos() / 1e9,
                            server.callsPerSecond()));
            table.append(server.reason().isEmpty() ? "" : "  " + server.reason());
            table.append(System.lineSeparator());
        }
        return table.toString();
    }
}
