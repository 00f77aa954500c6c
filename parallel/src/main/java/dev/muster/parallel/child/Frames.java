package dev.muster.parallel.child;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The shape of all that passes between parent and child: a length, a kind, and fields. Parent and
/// child are the same version of the same code, so there is no other.
final class Frames {
    private static final int NO_FILE = -1;

    private Frames() {}

    /// @return where the frame begins, for [#end]
    static int begin(ByteSink sink, int kind) {
        var at = sink.size();
        sink.writeInt(0);
        sink.write(kind);
        return at;
    }

    static void end(ByteSink sink, int at) {
        sink.setInt(at, sink.size() - at - Integer.BYTES);
    }

    static void writeBytes(ByteSink sink, byte[] bytes) {
        sink.writeInt(bytes.length);
        sink.write(bytes);
    }

    static void writeText(ByteSink sink, String text) {
        writeBytes(sink, text.getBytes(StandardCharsets.UTF_8));
    }

    static void writePacked(ByteSink sink, Packed packed) {
        if (packed.file() == null) {
            sink.writeInt(NO_FILE);
        } else {
            writeText(sink, packed.file().toString());
        }
        writeBytes(sink, packed.body());
    }

    /// Reads the fields of a frame.
    @FunctionalInterface
    interface Fields<T> {
        T read(ByteBuffer frame) throws StreamCorruptedException;
    }

    /// @throws StreamCorruptedException when the frame does not hold what it should
    static <T> T read(ByteBuffer frame, Fields<T> fields) throws StreamCorruptedException {
        try {
            return fields.read(frame);
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            var problem = new StreamCorruptedException("a frame that makes no sense: " + e);
            problem.initCause(e);
            throw problem;
        }
    }

    static byte[] readBytes(ByteBuffer frame) {
        var length = frame.getInt();
        if (length < 0 || length > frame.remaining()) {
            throw new IllegalArgumentException(
                    "%d bytes, where there are %d".formatted(length, frame.remaining()));
        }
        var bytes = new byte[length];
        frame.get(bytes);
        return bytes;
    }

    static String readText(ByteBuffer frame) {
        return new String(readBytes(frame), StandardCharsets.UTF_8);
    }

    static Packed readPacked(ByteBuffer frame) {
        Path file = null;
        if (frame.getInt(frame.position()) == NO_FILE) {
            frame.getInt();
        } else {
            file = Path.of(readText(frame));
        }
        return new Packed(readBytes(frame), file);
    }

    /// Reads frames from a channel, as many at once as are there.
    static final class Reader {
        private static final int MAX_KEPT = 1 << 20;

        private final ReadableByteChannel channel;
        private ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024).flip();

        Reader(ReadableByteChannel channel) {
            this.channel = channel;
        }

        /// Waits for the next frame.
        ///
        /// @return its kind and fields, valid until the next call; null at the end
        @Nullable ByteBuffer next() throws IOException {
            while (true) {
                var frame = nextInBuffer();
                if (frame != null) {
                    return frame;
                }
                if (!fill()) {
                    return null;
                }
            }
        }

        /// The next frame that was read already.
        @Nullable ByteBuffer nextInBuffer() throws IOException {
            if (buffer.remaining() < Integer.BYTES) {
                return null;
            }
            var length = buffer.getInt(buffer.position());
            if (length < 1) {
                throw new StreamCorruptedException("a frame of %d bytes".formatted(length));
            }
            if (buffer.remaining() - Integer.BYTES < length) {
                return null;
            }
            var frame = buffer.slice(buffer.position() + Integer.BYTES, length);
            buffer.position(buffer.position() + Integer.BYTES + length);
            return frame;
        }

        private boolean fill() throws IOException {
            makeRoom();
            var read = channel.read(buffer);
            buffer.flip();
            return read >= 0;
        }

        private void makeRoom() {
            var needed =
                    buffer.remaining() < Integer.BYTES
                            ? Integer.BYTES
                            : buffer.getInt(buffer.position()) + (long) Integer.BYTES;
            if (needed > buffer.capacity() && buffer.remaining() == buffer.capacity()) {
                // Grows as the bytes come, so that a length alone takes no memory.
                var larger = ByteBuffer.allocate((int) Math.min(needed, 2L * buffer.capacity()));
                larger.put(buffer);
                buffer = larger;
            } else if (buffer.capacity() > MAX_KEPT && !buffer.hasRemaining()) {
                buffer = ByteBuffer.allocateDirect(64 * 1024);
            } else {
                buffer.compact();
            }
        }
    }
}
