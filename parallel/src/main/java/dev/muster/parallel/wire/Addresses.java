package dev.muster.parallel.wire;

import java.net.InetSocketAddress;

/// Addresses as people write them: `HOST:PORT`, with brackets around an address of IPv6.
public final class Addresses {
    private static final int MAX_PORT = 65_535;

    private Addresses() {}

    /// Looks up the host.
    ///
    /// @return unresolved when the host is not known
    /// @throws IllegalArgumentException when the text is no address
    public static InetSocketAddress parse(String text) {
        var colon = text.lastIndexOf(':');
        var host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw wrong(text);
        }
        try {
            var port = Integer.parseInt(text.substring(colon + 1));
            if (!host.isEmpty() && port >= 0 && port <= MAX_PORT) {
                return new InetSocketAddress(host, port);
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw wrong(text);
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "an address is HOST:PORT, such as 127.0.0.1:7000 or [::1]:7000, not '%s'"
                        .formatted(text));
    }

    /// The address by number, as [#parse] reads it; the host's name when it is not resolved.
    public static String text(InetSocketAddress address) {
        var ip = address.getAddress();
        var host = ip == null ? address.getHostString() : ip.getHostAddress();
        return (host.contains(":") ? "[%s]:%d" : "%s:%d").formatted(host, address.getPort());
    }
}
