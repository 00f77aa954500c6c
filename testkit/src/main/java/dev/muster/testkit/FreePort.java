package dev.muster.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// Loopback ports for servers.
final class FreePort {
    static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    /// Below the ports that Linux gives to outgoing connections (32768 and up), so that a server
    /// that is down for a moment finds its port again.
    private static final int FIRST = 20_000;

    private static final int END = 32_000;
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /// A port that nobody listens on, and that this JVM has not been given before.
    static int next() {
        for (var attempt = 0; attempt < END - FIRST; attempt++) {
            var port = ThreadLocalRandom.current().nextInt(FIRST, END);
            if (isFree(port) && TAKEN.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from %d to %d".formatted(FIRST, END - 1));
    }

    private static boolean isFree(int port) {
        try (var _ = new ServerSocket(port, 1, LOOPBACK)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
