package dev.muster.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A short conversation with a loopback port.
final class Probe {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private Probe() {}

    @FunctionalInterface
    interface Conversation<T extends @Nullable Object> {
        T with(Socket socket) throws IOException;
    }

    /// @throws IOException when nobody listens, or the other side is silent for five seconds
    static <T extends @Nullable Object> T talk(int port, Conversation<T> conversation)
            throws IOException {
        var limit = Math.toIntExact(LIMIT.toMillis());
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(FreePort.LOOPBACK, port), limit);
            socket.setSoTimeout(limit);
            return conversation.with(socket);
        }
    }

    /// Whether the conversation came to `true`.
    static boolean succeeds(int port, Conversation<Boolean> conversation) {
        try {
            return talk(port, conversation);
        } catch (IOException e) {
            return false;
        }
    }
}
