package dev.muster.parallel.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads what [Frames] has written. Used by one thread.
final class FrameReader {
    private final ByteBuffer buffer;

    FrameReader(byte[] frame) {
        this(ByteBuffer.wrap(frame));
    }

    private FrameReader(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /// Another one that goes on from here.
    FrameReader copy() {
        return new FrameReader(buffer.duplicate());
    }

    /// The frame does not hold what it should.
    static final class MalformedException extends RuntimeException {
        MalformedException(String message) {
            super(message);
        }
    }

    private static MalformedException tooShort() {
        return new MalformedException("a frame is too short");
    }

    byte readByte() {
        try {
            return buffer.get();
        } catch (BufferUnderflowException _) {
            throw tooShort();
        }
    }

    boolean readTruth() {
        return readByte() != 0;
    }

    int readInt() {
        try {
            return buffer.getInt();
        } catch (BufferUnderflowException _) {
            throw tooShort();
        }
    }

    long readLong() {
        try {
            return buffer.getLong();
        } catch (BufferUnderflowException _) {
            throw tooShort();
        }
    }

    /// @param values in the order of the wire
    <E extends Enum<E>> E readOneOf(E[] values) {
        var code = readByte();
        if (code < 0 || code >= values.length) {
            throw new MalformedException("a frame has the unknown code " + code);
        }
        return values[code];
    }

    /// Null where null was written.
    byte @Nullable [] readBytesOrNull() {
        var length = readInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > buffer.remaining()) {
            throw tooShort();
        }
        var bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    byte[] readBytes() {
        var bytes = readBytesOrNull();
        if (bytes == null) {
            throw new MalformedException("a frame has nothing where bytes belong");
        }
        return bytes;
    }

    String readText() {
        return new String(readBytes(), UTF_8);
    }
}
