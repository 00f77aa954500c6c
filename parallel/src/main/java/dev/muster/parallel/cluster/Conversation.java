package dev.muster.parallel.cluster;

import dev.muster.parallel.base.Joins;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkLostException;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.Packed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;

/// Messages over a [Link]. Any number of threads may send, one receives.
///
/// What is large in a value is in a file, as between a pool and its children. Here it travels in
/// parts before the message that needs it, and is in a file again on the other side; so it has no
/// limit, and takes no heap.
final class Conversation implements AutoCloseable {
    private static final int MAX_PIECE = 1 << 20;

    /// More than what comes with a piece in its message.
    private static final int FIELDS = 64;

    /// Less would not be enough for the list of a class path, or for an exception.
    private static final int LEAST_FRAME_LIMIT = 64 << 10;

    private final Link link;
    private final Path folder;
    private final Unsendable unsendable;
    private final LinkedBlockingQueue<Message> outbox = new LinkedBlockingQueue<>();
    private final ReentrantLock sending = new ReentrantLock();

    /// Guarded by sending.
    private final ByteSink sink = new ByteSink(8192);

    /// Files that parts are being written to, by the numbers of their calls. Used by the thread
    /// that receives.
    private final Map<Long, Incoming> incoming = new HashMap<>();

    /// Guarded by outbox.
    private boolean closed;

    private final Thread sender;

    /// Told of a message that the other side does not take, or whose parts cannot be read.
    @FunctionalInterface
    interface Unsendable {
        void unsendable(Message message, Exception reason);
    }

    private record Incoming(Path file, FileChannel channel) {}

    /// @param folder for what is large in values that come in
    Conversation(Link link, Path folder, Unsendable unsendable) {
        this.link = link;
        this.folder = folder;
        this.unsendable = unsendable;
        this.sender =
                Thread.ofVirtual().name("send-" + link.peer()).start(this::sendWhatIsInTheOutbox);
    }

    /// @return the options
    /// @throws IllegalArgumentException when no conversation is possible with them
    static LinkOptions check(LinkOptions options) {
        if (options.frameLimit() < LEAST_FRAME_LIMIT) {
            throw new IllegalArgumentException(
                    "frameLimit of a pool is %d bytes or more, was %d"
                            .formatted(LEAST_FRAME_LIMIT, options.frameLimit()));
        }
        return options;
    }

    String peer() {
        return link.peer();
    }

    /// How long the pieces are in which something long is sent.
    int pieceBytes() {
        return Math.min(MAX_PIECE, link.frameLimit() - FIELDS);
    }

    /// Has a message sent after those before it. Does not wait, and does not tell whether the
    /// connection still exists, which [#receive] does.
    void post(Message message) {
        synchronized (outbox) {
            if (!closed) {
                outbox.add(message);
                return;
            }
        }
        discardOutcome(message);
    }

    private void sendWhatIsInTheOutbox() {
        try {
            while (true) {
                var message = outbox.take();
                try {
                    send(message);
                } catch (LinkLostException e) {
                    return;
                } catch (IOException | IllegalArgumentException e) {
                    unsendable.unsendable(message, e);
                }
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    /// Sends a message, and waits while the other side is slow.
    ///
    /// @throws LinkLostException when the connection does not exist any more
    /// @throws IllegalArgumentException when the other side takes no messages of that length
    /// @throws IOException when what is large in it cannot be read
    void send(Message message) throws IOException {
        try {
            var packed = message.packed();
            if (packed != null && packed.file() != null) {
                sendParts(message, packed.file());
            }
            sending.lock();
            try {
                sink.clear();
                message.write(sink);
                link.send(sink);
            } finally {
                sending.unlock();
            }
        } finally {
            discardOutcome(message);
        }
    }

    /// The arguments of a call may be needed again.
    private static void discardOutcome(Message message) {
        var packed = message.packed();
        if (packed != null && message instanceof Message.Ended) {
            packed.discard();
        }
    }

    private void sendParts(Message message, Path file) throws IOException {
        var number =
                switch (message) {
                    case Message.Call call -> call.number();
                    case Message.Ended ended -> ended.number();
                    default -> throw new IllegalStateException("no parts belong to " + message);
                };
        var buffer = ByteBuffer.allocate(pieceBytes());
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                send(new Message.Part(number, Arrays.copyOf(buffer.array(), buffer.position())));
                buffer.clear();
            }
        }
    }

    /// Waits for the next message that is no part of another.
    ///
    /// @throws LinkLostException when none will come
    /// @throws IOException when it makes no sense, or its parts cannot be stored
    Message receive() throws IOException {
        while (true) {
            var message = Message.read(link.receive(), this::parts);
            if (!(message instanceof Message.Part(var number, var bytes))) {
                return message;
            }
            var channel = incomingFor(number).channel;
            var content = ByteBuffer.wrap(bytes);
            while (content.hasRemaining()) {
                channel.write(content);
            }
        }
    }

    private Incoming incomingFor(long number) throws IOException {
        var known = incoming.get(number);
        if (known != null) {
            return known;
        }
        var file = Files.createTempFile(folder, "large-", "");
        var made = new Incoming(file, FileChannel.open(file, StandardOpenOption.WRITE));
        incoming.put(number, made);
        return made;
    }

    private Path parts(long number) {
        var parts = incoming.remove(number);
        if (parts == null) {
            throw new IllegalArgumentException("no parts came for the call " + number);
        }
        closeQuietly(parts.channel);
        return parts.file;
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // All was written; there is nothing to lose.
        }
    }

    /// Ends the connection when what was sent is written, but not what is only posted. Called by
    /// the thread that receives, or when there is none.
    @Override
    public void close() {
        breakOff();
        sender.interrupt();
        Joins.uninterruptibly(sender);
        for (var parts : incoming.values()) {
            closeQuietly(parts.channel);
            new Packed(new byte[0], parts.file).discard();
        }
        incoming.clear();
        synchronized (outbox) {
            closed = true;
        }
        outbox.forEach(Conversation::discardOutcome);
    }

    /// Ends the connection, so that [#receive] throws an exception. Called by any thread.
    void breakOff() {
        link.close();
    }
}
