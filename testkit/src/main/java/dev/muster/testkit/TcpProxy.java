package dev.muster.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A network that fails on demand: a loopback TCP proxy in front of a server. Thread-safe.
///
/// Clients connect to [#port()], or to [#url(String)] instead of the server's URL.
public final class TcpProxy implements AutoCloseable {
    private static final int BUFFER = 64 << 10;

    /// A limit of bandwidth is kept in each tenth of a second.
    private static final int SLICES_PER_SECOND = 10;

    private final int target;
    private final int port = FreePort.next();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// The following are guarded by the lock.
    private final Set<Link> links = new HashSet<>();

    private @Nullable ServerSocket listener;
    private @Nullable Thread acceptor;
    private Duration delay = Duration.ZERO;
    private int bytesPerSecond = Integer.MAX_VALUE;
    private boolean paused;
    private boolean closed;
    private int connections;

    private TcpProxy(int target) {
        this.target = target;
    }

    /// A way through the proxy.
    public enum Direction {
        TO_SERVER,
        TO_CLIENT;

        private Direction opposite() {
            return this == TO_SERVER ? TO_CLIENT : TO_SERVER;
        }
    }

    /// A connection.
    private static final class Link {
        private final Socket client;
        private final Socket server;

        /// Guarded by the proxy's lock.
        private final Set<Direction> lost = EnumSet.noneOf(Direction.class);

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        Socket from(Direction direction) {
            return direction == Direction.TO_SERVER ? client : server;
        }

        Socket to(Direction direction) {
            return from(direction.opposite());
        }
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
            reset(Set.copyOf(links));
        } finally {
            lock.unlock();
        }
    }

    /// Lets what goes these ways vanish from now on, in the connections that are open now: the
    /// data, and the news that the sender is gone. So one side, or both, hold half a connection, as
    /// after a power failure, or when a router has forgotten it. New connections work.
    ///
    /// Those that were lost by an earlier call are reset, as a router does that is asked for what
    /// it has forgotten.
    public void lose(Set<Direction> directions) {
        lock.lock();
        try {
            reset(links.stream().filter(link -> !link.lost.isEmpty()).collect(Collectors.toSet()));
            links.forEach(link -> link.lost.addAll(directions));
        } finally {
            lock.unlock();
        }
    }

    private void reset(Set<Link> those) {
        // All first: when one side of a connection closes, its thread closes the other.
        for (var link : those) {
            resetOnClose(link.client);
            resetOnClose(link.server);
        }
        links.removeAll(those);
        for (var link : those) {
            closeQuietly(link.client);
            closeQuietly(link.server);
        }
        changed.signalAll();
    }

    /// Breaks all connections, and refuses new ones, as when the server is down.
    public void disconnect() {
        refuse();
        cut();
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

    /// Lets no more than this through in a second, in each connection and direction;
    /// `Integer.MAX_VALUE` ends that.
    public void bandwidth(int value) {
        if (value < SLICES_PER_SECOND) {
            throw new IllegalArgumentException(
                    "bandwidth must be at least %d bytes per second, was %d"
                            .formatted(SLICES_PER_SECOND, value));
        }
        lock.lock();
        try {
            bytesPerSecond = value;
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
        var link = new Link(client, server);
        lock.lock();
        try {
            if (closed) {
                reset(client);
                reset(server);
                return;
            }
            connections++;
            links.add(link);
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("proxy-up-" + port).start(() -> pump(link, Direction.TO_SERVER));
        Thread.ofVirtual().name("proxy-down-" + port).start(() -> pump(link, Direction.TO_CLIENT));
    }

    /// Passes bytes one way until either side closes, then closes both; or only itself, when the
    /// other side is not to hear of it.
    private void pump(Link link, Direction direction) {
        var from = link.from(direction);
        try (from) {
            passAll(link, direction);
            // The end of the stream takes the same way as the bytes before it.
            var _ = awaitPassage(link, 0);
        } catch (IOException e) {
            // One of the two has gone; closing tells the other.
        }
        lock.lock();
        try {
            if (link.lost.contains(direction) && !link.to(direction).isClosed()) {
                return;
            }
            links.remove(link);
        } finally {
            lock.unlock();
        }
        closeQuietly(link.to(direction));
    }

    private void passAll(Link link, Direction direction) throws IOException {
        var input = link.from(direction).getInputStream();
        var buffer = new byte[BUFFER];
        for (var count = input.read(buffer); count >= 0; count = input.read(buffer)) {
            for (var passed = 0; passed < count; ) {
                var slice = Math.min(count - passed, slice());
                if (!awaitPassage(link, slice)) {
                    return;
                }
                if (!isLost(link, direction)) {
                    pass(link, direction, buffer, passed, slice);
                }
                passed += slice;
            }
        }
    }

    private void pass(Link link, Direction direction, byte[] bytes, int offset, int count)
            throws IOException {
        try {
            // The other side may have gone before this thread began.
            link.to(direction).getOutputStream().write(bytes, offset, count);
        } catch (IOException e) {
            // Only by what would come back could the sender know that nobody listens.
            if (!isLost(link, direction.opposite())) {
                throw e;
            }
        }
    }

    private boolean isLost(Link link, Direction direction) {
        lock.lock();
        try {
            return link.lost.contains(direction);
        } finally {
            lock.unlock();
        }
    }

    private int slice() {
        lock.lock();
        try {
            return bytesPerSecond / SLICES_PER_SECOND;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until so many bytes may pass: waits out the delay, what the bandwidth demands, and the
    /// pause.
    ///
    /// @return whether the connection still exists
    private boolean awaitPassage(Link link, int bytes) {
        lock.lock();
        try {
            var left = delay.toNanos();
            while (links.contains(link) && left > 0 && !delay.isZero()) {
                left = changed.awaitNanos(left);
            }
            left = TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
            while (links.contains(link) && left > 0 && bytesPerSecond < Integer.MAX_VALUE) {
                left = changed.awaitNanos(left);
            }
            while (links.contains(link) && paused) {
                changed.await();
            }
            return links.contains(link);
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
        disconnect();
    }
}
