package dev.muster.parallel.cluster;

import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// How servers are found: by a request to all machines of the network, which those answer that know
/// the same key. Others do not learn of it; who records a request and sends it again learns where a
/// server is, no more.
///
/// @param addresses broadcast addresses that are asked; empty for those of all networks that this
///   machine is part of, or, without a key, of the loopback interface only
/// @param port the UDP port on which servers listen
/// @param interval how often servers that have come later are looked for
public record Discovery(List<InetAddress> addresses, int port, Duration interval) {
    /// The port of servers, unless they are told another.
    public static final int PORT = 7474;

    /// All networks, port 7474, every 5 seconds.
    public static final Discovery DEFAULT = new Discovery(List.of(), PORT, Duration.ofSeconds(5));

    static final InetAddress LOOPBACK_BROADCAST = InetAddress.ofLiteral("127.255.255.255");

    static final int MAX_PORT = 65_535;

    public Discovery {
        addresses = List.copyOf(addresses);
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("a port is from 1 to 65535, was " + port);
        }
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval must be positive, was " + interval);
        }
    }

    /// Asks other addresses, such as `192.168.1.255`.
    public Discovery withAddresses(InetAddress... values) {
        return new Discovery(List.of(values), port, interval);
    }

    /// Asks at another port.
    public Discovery withPort(int value) {
        return new Discovery(addresses, value, interval);
    }

    /// Asks more often, or less.
    public Discovery withInterval(Duration value) {
        return new Discovery(addresses, port, value);
    }

    /// Looks for servers once.
    ///
    /// @param wait how long answers are waited for
    /// @return those that have answered, each once
    /// @throws IllegalArgumentException when others than users of this machine would be asked
    ///   without a key
    /// @throws IOException when no request can be sent
    public List<FoundServer> find(SharedKey key, Duration wait) throws IOException {
        var found = new LinkedHashMap<String, FoundServer>();
        try (var seeker = Seeker.open(this, key)) {
            seeker.ask();
            seeker.listen(wait, server -> found.putIfAbsent(server.id(), server));
        }
        return List.copyOf(found.values());
    }

    /// Those that are asked.
    Set<InetAddress> targets(SharedKey key) throws SocketException {
        var targets = new LinkedHashSet<>(addresses);
        if (targets.isEmpty()) {
            targets.add(LOOPBACK_BROADCAST);
            if (!key.isNone()) {
                targets.addAll(broadcastAddresses());
            }
        }
        if (key.isNone() && !targets.stream().allMatch(InetAddress::isLoopbackAddress)) {
            throw new IllegalArgumentException(
                    "without a key anybody could pretend to be a server; give a key, or ask 127.255.255.255 only");
        }
        return targets;
    }

    private static List<InetAddress> broadcastAddresses() throws SocketException {
        var found = new ArrayList<InetAddress>();
        for (var network : NetworkInterface.networkInterfaces().toList()) {
            if (network.isUp() && !network.isLoopback()) {
                network.getInterfaceAddresses().stream()
                        .map(address -> address.getBroadcast())
                        .filter(address -> address != null)
                        .forEach(found::add);
            }
        }
        return found;
    }
}
