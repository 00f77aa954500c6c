package dev.muster.parallel.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A network between two processes that can fail: it passes bytes on, until it is told to swallow
/// them or to break the connections.
public final class Relay implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by lock.
    private State state = State.PASSING;

    private enum State {
        PASSING,
        SWALLOWING,
        STALLED,
        CLOSED
    }

    public Relay(InetSocketAddress target) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 50, LOOPBACK);
        Thread.ofVirtual().name("relay").start(this::accept);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    public String text() {
        return Addresses.text(address());
    }

    private void accept() {
        try {
            while (true) {
                var client = listener.accept();
                var server = new Socket(target.getAddress(), target.getPort());
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().name("relay-up").start(() -> pass(client, server));
                Thread.ofVirtual().name("relay-down").start(() -> pass(server, client));
            }
        } catch (IOException _) {
            // It is closed.
        }
    }

    private void pass(Socket from, Socket to) {
        var buffer = new byte[8192];
        try (from;
                to) {
            for (var count = from.getInputStream().read(buffer);
                    count >= 0;
                    count = from.getInputStream().read(buffer)) {
                if (awaitPassage(State.SWALLOWING)) {
                    to.getOutputStream().write(buffer, 0, count);
                }
            }
            awaitPassage(State.PASSING); // of the end of the stream
        } catch (IOException _) {
            // One of the two has gone; the other is told by its end.
        }
    }

    /// Waits while it is stalled, and until another state than swallowing where that is asked for.
    ///
    /// @return whether it passes bytes on
    private boolean awaitPassage(State worst) {
        lock.lock();
        try {
            while (state == State.STALLED
                    || (state == State.SWALLOWING && worst == State.PASSING)) {
                changed.awaitUninterruptibly();
            }
            return state == State.PASSING;
        } finally {
            lock.unlock();
        }
    }

    private void become(State value) {
        lock.lock();
        try {
            state = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// From now on no byte comes through, and neither side is told, as when a cable is cut.
    public void swallow() {
        become(State.SWALLOWING);
    }

    /// Takes no more bytes, so that senders have to wait, and passes none on.
    public void stall() {
        become(State.STALLED);
    }

    /// Breaks all connections with a reset.
    public void cut() throws IOException {
        for (var socket : sockets) {
            socket.setSoLinger(true, 0);
        }
        for (var socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    @Override
    public void close() throws IOException {
        become(State.CLOSED);
        listener.close();
        for (var socket : sockets) {
            socket.close();
        }
    }
}
