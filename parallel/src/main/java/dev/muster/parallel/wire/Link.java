package dev.muster.parallel.wire;

import dev.muster.parallel.base.Joins;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A connection over TCP whose two sides have proved to each other that they know the same key, and
/// that carries frames of bytes both ways. [LinkServer] has the other end.
///
/// Any number of threads may [#send]; one thread may [#receive]. Frames that come together are
/// written together. Each side sends signs of life when it has nothing else to say, so that a peer
/// which vanished without a word is missed in time: then, and when the peer ends the connection,
/// both methods throw a [LinkLostException], also in threads that wait in them.
public final class Link implements AutoCloseable {
    /// How long the other side may take to say who it is.
    static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(5);

    private static final int BUFFER = 64 * 1024;

    /// With so many bytes that wait to be written, senders wait, too.
    private static final int ROOM = 1 << 20;

    /// Signs of life in the time after which the other side takes this one for gone: two may be
    /// late.
    private static final int BEATS = 3;

    /// How long the last frames may take to be written.
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final String peer;
    private final Duration silence;
    private final long beatNanos;
    private final int ownLimit;
    private final int peerLimit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition emptied = lock.newCondition();

    /// Frames that wait to be written. Guarded by lock.
    private ByteSink pending = new ByteSink(BUFFER);

    /// Frames that are being written, while there is a writer; otherwise empty. Used by the writer.
    private ByteSink batch = new ByteSink(BUFFER);

    /// Whether a thread writes. Guarded by lock.
    private boolean writing;

    /// When the network has last taken something from the thread that writes. Written by that one;
    /// volatile, because others compare it with the clock.
    private volatile long lastProgress;

    /// Guarded by lock.
    private boolean closing;

    /// Why the connection is of no use any more. Guarded by lock.
    private @Nullable LinkLostException lost;

    /// Writes what senders leave to it, and the signs of life.
    private final Thread writer;

    private Link(
            Socket socket,
            Streams streams,
            String peer,
            Handshake.Terms own,
            Handshake.Terms theirs,
            ThreadFactory threads)
            throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(streams.in(), BUFFER));
        this.out = streams.out();
        this.peer = peer;
        this.silence = own.silence();
        this.beatNanos = theirs.silence().toNanos() / BEATS;
        this.ownLimit = own.frameLimit();
        this.peerLimit = theirs.frameLimit();
        streams.socket().setSoTimeout(own.silenceMillis());
        this.writer = threads.newThread(this::writeAll);
        writer.start();
    }

    /// What the frames go through: the socket, or the TLS socket upon it.
    private record Streams(Socket socket, InputStream in, OutputStream out) {
        static Streams of(Socket socket) throws IOException {
            return new Streams(socket, socket.getInputStream(), socket.getOutputStream());
        }
    }

    /// Connects to a [LinkServer]. The link's thread is a platform thread, so that a program which
    /// computes on its virtual threads still gives signs of life.
    ///
    /// @param protocol what is spoken, with its version, such as `muster-manager/1`
    /// @throws HandshakeException when the server has another key, or speaks something else
    /// @throws IOException when it cannot be reached within 5 seconds
    public static Link connect(InetSocketAddress server, String protocol, LinkOptions options)
            throws IOException {
        var name = Addresses.text(server);
        if (server.isUnresolved()) {
            throw new IOException("the host of %s is not known".formatted(name));
        }
        var socket = new Socket();
        var threads = Thread.ofPlatform().daemon().name("link-" + name).factory();
        try (var deadline = new Deadline(socket, HANDSHAKE_LIMIT)) {
            try {
                socket.connect(server);
                socket.setTcpNoDelay(true);
                var tls = options.tls();
                var streams = tls == null ? Streams.of(socket) : askForTls(tls, socket, server);
                var own = Handshake.Terms.of(options);
                var theirs =
                        Handshake.ask(
                                streams.in(), streams.out(), protocol, options.key(), own, name);
                return new Link(socket, streams, name, own, theirs, threads);
            } catch (HandshakeException e) {
                throw e;
            } catch (IOException e) {
                throw new IOException(explain(e, deadline, name, options), e);
            }
        } catch (IOException e) {
            closeQuietly(socket);
            throw e;
        }
    }

    private static String explain(
            IOException e, Deadline deadline, String server, LinkOptions options) {
        if (deadline.hasPassed()) {
            return "%s did not answer within %d s%s"
                    .formatted(
                            server,
                            HANDSHAKE_LIMIT.toSeconds(),
                            options.tls() == null ? "; does it want TLS?" : "");
        }
        if (e instanceof SSLException) {
            return "no TLS with %s: %s".formatted(server, e.getMessage());
        }
        return "no connection to %s: %s"
                .formatted(
                        server,
                        e instanceof EOFException ? "it closed it at once" : e.getMessage());
    }

    private static Streams askForTls(SSLContext tls, Socket socket, InetSocketAddress server)
            throws IOException {
        var layer =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(
                                        socket, server.getHostString(), server.getPort(), true);
        var parameters = layer.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate names the host
        layer.setSSLParameters(parameters);
        layer.startHandshake();
        return Streams.of(layer);
    }

    /// The server's side of [#connect], on a socket that was accepted. When it fails, the caller
    /// closes the socket.
    static Link accept(Socket socket, String peer, String protocol, LinkOptions options)
            throws IOException {
        var threads = Thread.ofVirtual().name("link-" + peer + "-writer").factory();
        try (var deadline = new Deadline(socket, HANDSHAKE_LIMIT)) {
            try {
                socket.setTcpNoDelay(true);
                var tls = options.tls();
                var streams = tls == null ? Streams.of(socket) : offerTls(tls, socket);
                var own = Handshake.Terms.of(options);
                var theirs =
                        Handshake.serve(streams.in(), streams.out(), protocol, options.key(), own);
                return new Link(socket, streams, peer, own, theirs, threads);
            } catch (IOException e) {
                if (deadline.hasPassed()) {
                    throw new HandshakeException(
                            "it did not say who it is within %d s"
                                    .formatted(HANDSHAKE_LIMIT.toSeconds()));
                }
                if (e instanceof SSLException) {
                    throw new HandshakeException("no TLS: " + e.getMessage());
                }
                throw e;
            }
        }
    }

    private static Streams offerTls(SSLContext tls, Socket socket) throws IOException {
        var layer =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(
                                        socket,
                                        socket.getInetAddress().getHostAddress(),
                                        socket.getPort(),
                                        true);
        layer.setUseClientMode(false);
        layer.startHandshake();
        return Streams.of(layer);
    }

    /// The other side's address, for messages.
    public String peer() {
        return peer;
    }

    /// The most bytes that the other side takes in one frame.
    public int frameLimit() {
        return peerLimit;
    }

    /// Hands over a frame to be written, and writes it when nobody else writes. Waits while many
    /// bytes wait already, and then not longer than the other side may be silent; an interrupt does
    /// not change that.
    ///
    /// @param frame copied; from 1 byte on
    /// @throws IllegalArgumentException when the other side does not take frames of that length.
    ///   The link can be used further
    /// @throws LinkLostException when the link is closed or lost
    public void send(ByteSink frame) throws LinkLostException {
        if (frame.size() == 0) {
            throw new IllegalArgumentException("an empty frame is a sign of life");
        }
        if (frame.size() > peerLimit) {
            throw new IllegalArgumentException(
                    "%d bytes are too many, %s takes %d at once; it can be told to take more"
                            .formatted(frame.size(), peer, peerLimit));
        }
        lock.lock();
        try {
            awaitRoom();
            pending.reserve(
                    Math.addExact(Integer.BYTES, frame.size())); // all of the frame or nothing
            pending.writeInt(frame.size());
            pending.write(frame.array(), 0, frame.size());
            if (writing) {
                return; // whoever writes sees to what has gathered
            }
            // The interrupt of a virtual thread that writes would close the connection for all, so
            // it leaves that to another thread.
            if (Thread.currentThread().isVirtual()) {
                filled.signal();
                return;
            }
            claim();
        } finally {
            lock.unlock();
        }
        writeBatch();
    }

    private void awaitRoom() throws LinkLostException {
        var interrupted = false;
        while (pending.size() > ROOM && isOpen()) {
            try {
                awaitProgress(emptied, silence.toNanos());
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        checkOpen();
    }

    private boolean isOpen() {
        return lost == null && !closing;
    }

    private void checkOpen() throws LinkLostException {
        if (lost != null) {
            throw new LinkLostException(lost);
        }
        if (closing) {
            throw new LinkLostException(closedHere(), null);
        }
    }

    private String closedHere() {
        return "the connection to %s was closed on this side".formatted(peer);
    }

    /// Waits, and ends the link when a write has made no progress for too long. Whoever waits for a
    /// write sees to that, as the thread that writes cannot, and the one that reads may be it.
    ///
    /// @return what is left of the time
    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private long awaitProgress(Condition condition, long nanos) throws InterruptedException {
        var left = condition.awaitNanos(nanos);
        if (writing && System.nanoTime() - lastProgress > silence.toNanos()) {
            lose("%s took nothing for %d ms".formatted(peer, silence.toMillis()), null);
        }
        return left;
    }

    /// Makes this thread the one that writes. With the lock.
    private void claim() {
        writing = true;
        lastProgress = System.nanoTime();
        var full = pending;
        pending = batch;
        batch = full;
    }

    private void writeBatch() throws LinkLostException {
        try {
            for (var from = 0; from < batch.size(); from += BUFFER) {
                out.write(batch.array(), from, Math.min(BUFFER, batch.size() - from));
                lastProgress = System.nanoTime();
            }
            out.flush();
        } catch (IOException e) {
            throw lose("the connection to %s broke: %s".formatted(peer, e.getMessage()), e);
        }
        if (batch.size() > ROOM) {
            batch = new ByteSink(BUFFER); // gives back the memory of a large frame
        }
        batch.clear();
        lock.lock();
        try {
            writing = false;
            emptied.signalAll();
            if (pending.size() > 0 || closing) {
                filled.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeAll() {
        try {
            while (claimFrames()) {
                writeBatch();
            }
        } catch (LinkLostException e) {
            // Those who send and receive are told.
        } catch (Throwable e) {
            lose("the connection to %s failed: %s".formatted(peer, e), e);
        } finally {
            closeQuietly(socket);
        }
    }

    /// Adds a sign of life when nothing else comes in time.
    ///
    /// @return false when nothing more is to be written
    private boolean claimFrames() throws InterruptedException {
        lock.lock();
        try {
            var left = beatNanos;
            while (lost == null && (writing || (pending.size() == 0 && !closing))) {
                if (left > 0) {
                    left = awaitProgress(filled, left);
                } else if (writing) {
                    left = beatNanos; // what is being written is a sign of life
                } else {
                    pending.writeInt(0);
                }
            }
            if (lost != null || pending.size() == 0) {
                return false;
            }
            claim();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the next frame. Called by one thread.
    ///
    /// @throws LinkLostException when none will come
    public byte[] receive() throws LinkLostException {
        try {
            var length = in.readInt();
            while (length == 0) {
                length = in.readInt();
            }
            if (length < 0 || length > ownLimit) {
                throw lose(
                        "%s sent a frame of %d bytes, where %d are allowed"
                                .formatted(peer, length, ownLimit),
                        null);
            }
            if (length <= BUFFER) {
                var frame = new byte[length];
                in.readFully(frame);
                return frame;
            }
            var frame = in.readNBytes(length); // takes memory as the bytes come
            if (frame.length < length) {
                throw new EOFException();
            }
            return frame;
        } catch (LinkLostException e) {
            throw e;
        } catch (SocketTimeoutException e) {
            throw lose("nothing was heard of %s for %d ms".formatted(peer, silence.toMillis()), e);
        } catch (EOFException e) {
            throw lose(peer + " has closed the connection", e);
        } catch (IOException e) {
            throw lose("the connection to %s broke: %s".formatted(peer, e.getMessage()), e);
        }
    }

    /// Ends the connection at once. The first reason is kept.
    private LinkLostException lose(String message, @Nullable Throwable cause) {
        LinkLostException reason;
        lock.lock();
        try {
            if (lost == null) {
                lost = new LinkLostException(closing ? closedHere() : message, cause);
            }
            reason = lost;
            filled.signal();
            emptied.signalAll();
        } finally {
            lock.unlock();
        }
        closeQuietly(socket);
        return reason;
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // Nothing more can be done with it, and nothing needs to.
        }
    }

    /// Writes what was sent, for up to a second, and ends the connection. Twice is harmless.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            filled.signal();
            emptied.signalAll();
        } finally {
            lock.unlock();
        }
        if (!Joins.uninterruptibly(writer, CLOSE_LIMIT)) {
            closeQuietly(socket); // which ends its write
            Joins.uninterruptibly(writer);
        }
    }
}
