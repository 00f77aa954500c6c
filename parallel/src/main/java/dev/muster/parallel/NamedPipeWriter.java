package dev.muster.parallel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;

/// The end of a [NamedPipe] that is written to.
///
/// Each method waits while the pipe is full. When several programs write, what is no longer than
/// 4,096 bytes stays in one piece. An interrupt ends the wait, and closes this end, as part of the
/// bytes may be written already. All methods throw an [UncheckedIOException] when there is no
/// reader any more, or when this end is closed. For one thread.
public final class NamedPipeWriter implements AutoCloseable {
    static final Values VALUES =
            new Values(NamedPipe.class.getClassLoader(), TypeFilter.DATA, null);

    private final FileChannel channel;

    NamedPipeWriter(FileChannel channel) {
        this.channel = channel;
    }

    /// Writes a line, as UTF-8.
    ///
    /// @param text without line breaks
    public void line(String text) throws InterruptedException {
        if (text.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("one line at a time, was: " + text);
        }
        bytes((text + "\n").getBytes(UTF_8));
    }

    /// Writes a value for [NamedPipeReader#value]: four bytes with its size, the highest first, and
    /// it.
    ///
    /// @param value plain data of the JDK: numbers, texts, collections, times
    /// @throws IllegalArgumentException when it is not serializable
    public void value(Object value) throws InterruptedException {
        try {
            var body = VALUES.pack(value).body();
            bytes(
                    ByteBuffer.allocate(Integer.BYTES + body.length)
                            .putInt(body.length)
                            .put(body)
                            .array());
        } catch (IOException e) {
            throw new IllegalArgumentException("it cannot be written: " + e.getMessage(), e);
        }
    }

    /// Writes bytes as they are.
    public void bytes(byte[] bytes) throws InterruptedException {
        try {
            for (var left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
                channel.write(left);
            }
        } catch (ClosedByInterruptException _) {
            var _ = Thread.interrupted();
            throw new InterruptedException();
        } catch (IOException e) {
            throw new UncheckedIOException("nobody reads from the named pipe any more", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
