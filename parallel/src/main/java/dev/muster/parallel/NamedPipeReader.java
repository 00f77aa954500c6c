package dev.muster.parallel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The end of a [NamedPipe] that is read from. It ends when the last writer has closed its end, or
/// was killed.
///
/// A limit is for how long nothing at all may come; part of a line or value that has come before is
/// kept for the next call. All methods throw an [UncheckedIOException] when the pipe cannot be
/// read, or when this end is closed. For one thread, besides [#close].
public final class NamedPipeReader implements AutoCloseable {
    /// What a pipe holds.
    private static final int BLOCK = 64 * 1024;

    private static final int MAX_VALUE = 1 << 30;
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private final FileChannel channel;

    /// What was read; a block without a byte is the end. Reading is left to a thread of its own, as
    /// nothing else ends a wait for bytes without closing the pipe.
    private final JoinableQueue<ByteBuffer> blocks = JoinableQueue.bounded(2);

    private final ByteSink partial = new ByteSink(256);
    private volatile @Nullable IOException failure;
    private ByteBuffer current = ByteBuffer.allocate(0);
    private boolean ended;

    NamedPipeReader(FileChannel channel) {
        this.channel = channel;
        Thread.ofPlatform().daemon().name("named-pipe-reader").start(this::read);
    }

    private void read() {
        try {
            boolean more;
            do {
                var block = ByteBuffer.allocate(BLOCK);
                try {
                    more = channel.read(block) > 0;
                } catch (IOException e) {
                    failure = e;
                    more = false;
                }
                blocks.put(block.flip());
            } while (more);
        } catch (InterruptedException | QueueClosedException _) {
            // This end was closed, and nobody wants the bytes.
        }
    }

    /// @return whether there is a byte, or false when none comes any more
    private boolean fill(Duration limit) throws InterruptedException, TimeoutException {
        if (!current.hasRemaining() && !ended) {
            current = next(limit);
            ended = !current.hasRemaining();
        }
        var cause = failure;
        if (ended && cause != null) {
            throw new UncheckedIOException("the named pipe cannot be read", cause);
        }
        return !ended;
    }

    private ByteBuffer next(Duration limit) throws InterruptedException, TimeoutException {
        var block = blocks.poll(limit);
        if (!channel.isOpen()) {
            throw new UncheckedIOException(
                    "the named pipe is closed on this side", new ClosedChannelException());
        }
        return block.orElseThrow(
                () -> new TimeoutException("nothing was written for %s".formatted(limit)));
    }

    /// Reads a line of UTF-8, without the line break. The last one need not have any. What is no
    /// UTF-8 becomes the character U+FFFD.
    ///
    /// @return empty at the end
    /// @throws TimeoutException when nothing comes for longer than the limit
    public Optional<String> line(Duration limit) throws InterruptedException, TimeoutException {
        while (fill(limit)) {
            var start = current.position();
            while (current.hasRemaining()) {
                if (current.get() == '\n') {
                    partial.write(current.array(), start, current.position() - 1 - start);
                    return Optional.of(text());
                }
            }
            partial.write(current.array(), start, current.position() - start);
        }
        return partial.size() == 0 ? Optional.empty() : Optional.of(text());
    }

    private String text() {
        var text = new String(partial.array(), 0, partial.size(), UTF_8);
        partial.clear();
        return text;
    }

    /// Reads lines until the end, however long that takes. An interrupt ends the stream early, and
    /// the thread stays interrupted.
    public Stream<String> lines() {
        return Stream.generate(this::lineOrEnd).takeWhile(Optional::isPresent).map(Optional::get);
    }

    private Optional<String> lineOrEnd() {
        try {
            return line(FOREVER);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (TimeoutException e) {
            throw new IllegalStateException(e); // not in 292 years
        }
    }

    /// Reads a value that [NamedPipeWriter#value] has written. Nothing but plain data of the JDK is
    /// made of the bytes, whoever has written them.
    ///
    /// @return empty at the end
    /// @throws TimeoutException when nothing comes for longer than the limit
    /// @throws UncheckedIOException when what comes is no such value, or ends in the middle of one
    public Optional<Object> value(Duration limit) throws InterruptedException, TimeoutException {
        try {
            if (!gather(Integer.BYTES, limit)) {
                return Optional.empty();
            }
            var size = ByteBuffer.wrap(partial.array()).getInt();
            if (size < 1 || size > MAX_VALUE) {
                throw new StreamCorruptedException("a value of %,d bytes".formatted(size));
            }
            var _ = gather(Integer.BYTES + size, limit);
            var body = new byte[size];
            System.arraycopy(partial.array(), Integer.BYTES, body, 0, size);
            partial.clear();
            return Optional.ofNullable(NamedPipeWriter.VALUES.unpack(Packed.of(body)));
        } catch (ClassNotFoundException e) {
            throw new UncheckedIOException("no plain data came", new IOException(e));
        } catch (IOException e) {
            throw new UncheckedIOException("what came is no value", e);
        }
    }

    /// Reads until this many bytes of a value are there.
    ///
    /// @return false when the pipe has ended before the value
    private boolean gather(int size, Duration limit)
            throws EOFException, InterruptedException, TimeoutException {
        while (partial.size() < size) {
            if (!fill(limit)) {
                if (partial.size() > 0) {
                    throw new EOFException("the pipe ends in the middle of a value");
                }
                return false;
            }
            var length = Math.min(size - partial.size(), current.remaining());
            partial.write(current.array(), current.position(), length);
            current.position(current.position() + length);
        }
        return true;
    }

    /// Reads what has come, and waits if there is nothing.
    ///
    /// @return at most 64 KB; empty at the end
    /// @throws TimeoutException when nothing comes for longer than the limit
    public Optional<byte[]> bytes(Duration limit) throws InterruptedException, TimeoutException {
        if (!fill(limit)) {
            return Optional.empty();
        }
        var bytes = new byte[current.remaining()];
        current.get(bytes);
        return Optional.of(bytes);
    }

    /// Writers are told at their next write.
    @Override
    public void close() {
        try (blocks) {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
