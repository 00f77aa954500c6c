package dev.muster.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A network that fails on demand: a loopback TCP proxy in front of a server. Thread-safe.
///
/// Clients connect to [#port()], or to [#url(String)] instead of the server's URL.
public final class TcpProxy implements AutoCloseable {
    private static final int BUFFER = 64 << 10;

    private final int target;
    private final int port = FreePort.next();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// The following are guarded by the lock.
    private final Set<Socket> sockets = new HashSet<>();

    private @Nullable ServerSocket listener;
    private @Nullable Thread acceptor;
    private Duration delay = Duration.ZERO;
    private boolean paused;
    private boolean closed;
    private int connections;

    private TcpProxy(int target) {
        this.target = target;
    }

    /// A proxy in front of a server, accepting connections.
    public static TcpProxy before(Server server) {
        return before(server.port());
    }

    /// A proxy in front of a loopback port.
    public static TcpProxy before(int port) {
        var proxy = new TcpProxy(port);
        proxy.accept();
        return proxy;
    }

    public int port() {
        return port;
    }

    /// The server's URL with this proxy in place of the server.
    public String url(String serverUrl) {
        var server = "127.0.0.1:" + target;
        if (!serverUrl.contains(server)) {
            throw new IllegalArgumentException("%s does not name %s".formatted(serverUrl, server));
        }
        return serverUrl.replace(server, "127.0.0.1:" + port);
    }

    /// How many connections have been accepted since the start.
    public int connections() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    /// Breaks all connections that are open now, with a reset, as a failing network does.
    public void cut() {
        lock.lock();
        try {
            // All first: when one side of a connection closes, its thread closes the other.
            sockets.forEach(TcpProxy::resetOnClose);
            sockets.forEach(TcpProxy::closeQuietly);
            sockets.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Refuses new connections; those that are open stay.
    public void refuse() {
        ServerSocket socket;
        Thread thread;
        lock.lock();
        try {
            socket = listener;
            thread = acceptor;
            listener = null;
            acceptor = null;
        } finally {
            lock.unlock();
        }
        closeQuietly(socket);
        if (thread != null) {
            join(thread); // the port is not closed before the last accept on it has returned
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Accepts new connections again, on the same port.
    public void accept() {
        lock.lock();
        try {
            if (listener != null || closed) {
                return;
            }
            var socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(FreePort.LOOPBACK, port));
            listener = socket;
            acceptor =
                    Thread.ofVirtual().name("proxy-accept-" + port).start(() -> acceptFrom(socket));
        } catch (IOException e) {
            throw new UncheckedIOException("port %d cannot be opened".formatted(port), e);
        } finally {
            lock.unlock();
        }
    }

    /// Holds each piece of data back for this long, in both directions; zero ends that.
    public void delay(Duration value) {
        lock.lock();
        try {
            delay = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Lets no byte through, while connections stay open and new ones are accepted: the server
    /// seems to hang.
    public void pause() {
        setPaused(true);
    }

    /// Lets bytes through again, first those that were held back.
    public void resume() {
        setPaused(false);
    }

    private void setPaused(boolean value) {
        lock.lock();
        try {
            paused = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void acceptFrom(ServerSocket socket) {
        while (true) {
            Socket client;
            try {
                client = socket.accept();
            } catch (IOException e) {
                return; // refused from now on, or closed
            }
            connect(client);
        }
    }

    private void connect(Socket client) {
        var server = new Socket();
        try {
            server.connect(new InetSocketAddress(FreePort.LOOPBACK, target));
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            reset(client); // nearest to what a client of a dead server sees
            closeQuietly(server);
            return;
        }
        lock.lock();
        try {
            if (closed) {
                reset(client);
                reset(server);
                return;
            }
            connections++;
            sockets.add(client);
            sockets.add(server);
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("proxy-up-" + port).start(() -> pump(client, server));
        Thread.ofVirtual().name("proxy-down-" + port).start(() -> pump(server, client));
    }

    /// Passes bytes one way until either side closes, then closes both.
    private void pump(Socket from, Socket to) {
        var buffer = new byte[BUFFER];
        try (from;
                to) {
            for (var count = from.getInputStream().read(buffer);
                    count >= 0;
                    count = from.getInputStream().read(buffer)) {
                if (!awaitPassage(from)) {
                    return;
                }
                to.getOutputStream().write(buffer, 0, count);
            }
            // The end of the stream takes the same way as the bytes before it.
            awaitPassage(from);
        } catch (IOException e) {
            // One of the two has gone; closing tells the other.
        } finally {
            lock.lock();
            try {
                sockets.remove(from);
                sockets.remove(to);
            } finally {
                lock.unlock();
            }
        }
    }

    /// Waits out the delay and the pause.
    ///
    /// @return whether the connection still exists
    private boolean awaitPassage(Socket from) {
        lock.lock();
        try {
            var left = delay.toNanos();
            while (sockets.contains(from) && left > 0 && !delay.isZero()) {
                left = changed.awaitNanos(left);
            }
            while (sockets.contains(from) && paused) {
                changed.await();
            }
            return sockets.contains(from);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private static void reset(Socket socket) {
        resetOnClose(socket);
        closeQuietly(socket);
    }

    private static void resetOnClose(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed already.
        }
    }

    private static void closeQuietly(@Nullable Closeable resource) {
        if (resource == null) {
            return;
        }
        try {
            resource.close();
        } catch (IOException e) {
            // Nothing more can be done with it, and nothing needs to.
        }
    }

    /// Ends all connections. Twice is harmless.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        refuse();
        cut();
    }
}
