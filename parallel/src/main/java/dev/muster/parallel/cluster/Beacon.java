package dev.muster.parallel.cluster;

import dev.muster.parallel.base.Joins;
import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers those who look for servers and know the key.
final class Beacon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolServer.class);

    private final DatagramSocket socket;

    /// Another one, as one that is bound to a broadcast address cannot send.
    private final DatagramSocket answers;

    private final SharedKey key;
    private final String server;
    private final InetSocketAddress address;
    private final int slots;
    private final Thread thread;

    private Beacon(
            DatagramSocket socket,
            DatagramSocket answers,
            SharedKey key,
            String server,
            InetSocketAddress address,
            int slots) {
        this.socket = socket;
        this.answers = answers;
        this.key = key;
        this.server = server;
        this.address = address;
        this.slots = slots;
        this.thread = Thread.ofVirtual().name("pool-server-beacon").start(this::run);
    }

    /// @param address where the server listens. When that is the loopback interface, so does this
    static Beacon open(int port, SharedKey key, String server, InetSocketAddress address, int slots)
            throws IOException {
        var isLocal = address.getAddress().isLoopbackAddress();
        var everywhere = InetAddress.ofLiteral("0.0.0.0");
        var socket = new DatagramSocket(null);
        try {
            socket.setReuseAddress(true); // for several servers on a machine
            socket.bind(
                    new InetSocketAddress(
                            isLocal ? Discovery.LOOPBACK_BROADCAST : everywhere, port));
            var answers =
                    new DatagramSocket(
                            0, isLocal ? InetAddress.ofLiteral("127.0.0.1") : everywhere);
            return new Beacon(socket, answers, key, server, address, slots);
        } catch (IOException e) {
            socket.close();
            throw new IOException(
                    "cannot listen for requests at the UDP port %d: %s; use another, or be hidden"
                            .formatted(port, e.getMessage()),
                    e);
        }
    }

    private void run() {
        var buffer = new byte[Datagrams.MAX_BYTES];
        while (!socket.isClosed()) {
            try {
                var packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                answer(packet);
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.warn("A request for servers cannot be answered: {}", e.toString());
                }
            }
        }
    }

    private void answer(DatagramPacket packet) throws IOException {
        var nonce = Datagrams.readRequest(Arrays.copyOf(packet.getData(), packet.getLength()), key);
        if (nonce.isPresent()) {
            var answer = Datagrams.answer(nonce.get(), server, address, slots, key);
            answers.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        } else {
            LOG.debug("{} asks for servers with another key", packet.getSocketAddress());
        }
    }

    @Override
    public void close() {
        socket.close();
        answers.close();
        Joins.uninterruptibly(thread);
    }
}
