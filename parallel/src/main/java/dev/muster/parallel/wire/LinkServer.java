package dev.muster.parallel.wire;

import dev.muster.parallel.base.Joins;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accepts [Link]s from those who know the key. What others send is never looked at beyond the few
/// bytes of a handshake, for which they have 5 seconds; a warning tells of them.
public final class LinkServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);

    /// More strangers than that wait in the system's queue, so that they cannot take all sockets.
    private static final int MAX_HANDSHAKES = 256;

    private static final int BACKLOG = 1024;

    /// After the system had no socket to give.
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final ServerSocket listener;
    private final String protocol;
    private final LinkOptions options;
    private final Consumer<Link> handler;
    private final Refusals refusals = new Refusals(System::nanoTime);
    private final Semaphore handshakes = new Semaphore(MAX_HANDSHAKES);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread acceptor;

    private LinkServer(
            ServerSocket listener, String protocol, LinkOptions options, Consumer<Link> handler) {
        this.listener = listener;
        this.protocol = protocol;
        this.options = options;
        this.handler = handler;
        this.acceptor = Thread.ofVirtual().name("link-acceptor").start(this::accept);
    }

    /// @param address port 0 for any that is free; see [#address]
    /// @param protocol what is spoken, with its version; up to 64 bytes
    /// @param handler uses a link to its end, on a platform thread for each, which may write
    ///   without waiting for another thread; the link is closed when it returns
    /// @throws IllegalArgumentException when there is no key and the address is not one of the
    ///   loopback interface: everybody on the network could connect
    /// @throws IOException when the address is taken, or is not one of this machine
    public static LinkServer listen(
            InetSocketAddress address, String protocol, LinkOptions options, Consumer<Link> handler)
            throws IOException {
        var name = Addresses.text(address);
        if (address.isUnresolved()) {
            throw new IOException("the host of %s is not known".formatted(name));
        }
        if (options.key().isNone() && !address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "without a key everybody on the network could use %s; give a key, or listen on 127.0.0.1"
                            .formatted(name));
        }
        var listener = new ServerSocket();
        try {
            listener.bind(address, BACKLOG);
            return new LinkServer(listener, protocol, options, handler);
        } catch (IOException e) {
            listener.close();
            throw new IOException("cannot listen at %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void accept() {
        while (!isClosed()) {
            try {
                handshakes.acquire();
                new Connection(listener.accept()).start();
            } catch (IOException e) {
                handshakes.release();
                if (!isClosed()) {
                    LOG.warn("No connection can be accepted now: {}", e.getMessage());
                    pause();
                }
            } catch (InterruptedException e) {
                return; // closed while all permits were out
            }
        }
    }

    private void pause() {
        try {
            closed.await(PAUSE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private final class Connection {
        private final Socket socket;
        private final String host;
        private final String peer;
        private final Thread thread;

        Connection(Socket socket) {
            this.socket = socket;
            this.host = socket.getInetAddress().getHostAddress();
            this.peer = Addresses.text((InetSocketAddress) socket.getRemoteSocketAddress());
            this.thread = Thread.ofVirtual().name("link-" + peer).unstarted(this::run);
        }

        void start() {
            connections.add(this);
            thread.start();
        }

        private void run() {
            try (socket) {
                var link = open();
                if (link != null) {
                    var served =
                            Thread.ofPlatform()
                                    .daemon()
                                    .name(thread.getName() + "-reader")
                                    .start(() -> serve(link));
                    Joins.uninterruptibly(served);
                }
            } catch (IOException e) {
                LOG.debug("Closing the connection from {} failed: {}", peer, e.getMessage());
            } finally {
                connections.remove(this);
            }
        }

        private void serve(Link link) {
            try (link) {
                handler.accept(link);
            }
        }

        private @Nullable Link open() {
            try {
                return isClosed() ? null : Link.accept(socket, peer, protocol, options);
            } catch (EOFException e) {
                LOG.debug("{} has connected, and left without a word", peer);
            } catch (IOException e) {
                if (!isClosed()) {
                    refusals.tell(host, peer, e);
                }
            } finally {
                handshakes.release();
            }
            return null;
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("Closing the connection from {} failed: {}", peer, e.getMessage());
            }
            Joins.uninterruptibly(thread, CLOSE_LIMIT);
        }
    }

    /// Listens no more, breaks all links, and waits up to 5 seconds for each of their handlers.
    /// Twice is harmless.
    @Override
    public void close() {
        closed.countDown();
        try {
            listener.close();
        } catch (IOException e) {
            LOG.debug("Closing the port failed: {}", e.getMessage());
        }
        acceptor.interrupt();
        Joins.uninterruptibly(acceptor, CLOSE_LIMIT);
        connections.forEach(Connection::close);
    }
}
