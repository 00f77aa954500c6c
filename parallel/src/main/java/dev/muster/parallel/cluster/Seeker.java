package dev.muster.parallel.cluster;

import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks for servers. Used by one thread, but closed by any.
final class Seeker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterPool.class);

    private final DatagramSocket socket;
    private final Set<InetAddress> targets;
    private final int port;
    private final SharedKey key;
    private byte[] nonce = Nonce.bytes();

    private Seeker(DatagramSocket socket, Set<InetAddress> targets, int port, SharedKey key) {
        this.socket = socket;
        this.targets = targets;
        this.port = port;
        this.key = key;
    }

    /// @throws IllegalArgumentException when others than users of this machine would be asked
    ///   without a key
    static Seeker open(Discovery discovery, SharedKey key) throws IOException {
        var targets = discovery.targets(key);
        // Answers from this machine come to its loopback interface only.
        var own =
                targets.stream().allMatch(InetAddress::isLoopbackAddress)
                        ? InetAddress.ofLiteral("127.0.0.1")
                        : InetAddress.ofLiteral("0.0.0.0");
        var socket = new DatagramSocket(new InetSocketAddress(own, 0));
        return new Seeker(socket, targets, discovery.port(), key);
    }

    /// Sends a request to all.
    ///
    /// @throws IOException when it could be sent to none
    void ask() throws IOException {
        nonce = Nonce.bytes();
        var request = Datagrams.request(nonce, key);
        IOException failure = null;
        var sent = 0;
        for (var target : targets) {
            try {
                socket.send(new DatagramPacket(request, request.length, target, port));
                sent++;
            } catch (IOException e) {
                LOG.debug("No servers can be looked for at {}: {}", target, e.toString());
                failure = e;
            }
        }
        if (sent == 0 && failure != null) {
            throw new IOException("no server can be looked for: " + failure.getMessage(), failure);
        }
    }

    /// Takes in answers to the last request.
    void listen(Duration time, Consumer<FoundServer> found) throws IOException {
        var end = System.nanoTime() + time.toNanos();
        var buffer = new byte[Datagrams.MAX_BYTES];
        try {
            while (true) {
                var millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
                if (millis <= 0) {
                    return;
                }
                socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
                var packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                Datagrams.readAnswer(
                                Arrays.copyOf(packet.getData(), packet.getLength()),
                                nonce,
                                packet.getAddress(),
                                key)
                        .ifPresent(found);
            }
        } catch (SocketTimeoutException _) {
            // The time is over.
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
