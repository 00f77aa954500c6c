package dev.muster.queue.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// The content header frame of AMQP 0-9-1 (section 4.2.6.1): class, weight, body size, flags, then
/// the properties whose flag is set.
final class HeaderFrame {
    /// The header that stands for a table that could not be read; its value says why.
    static final String DEFECT = "x-muster-defect";

    private static final int FLAGS = 12;
    private static final int CONTENT_TYPE = 1 << 15;
    private static final int CONTENT_ENCODING = 1 << 14;
    private static final int HEADERS = 1 << 13;

    /// Nobody nests like this but to do harm.
    private static final int MAX_DEPTH = 100;

    private HeaderFrame() {}

    /// Makes a payload one that the client library can read: replaces types, in place, by equal
    /// ones that the library knows, or returns another payload, in which [#DEFECT] replaces the
    /// headers.
    static Optional<byte[]> mend(byte[] payload) {
        try {
            return mendTableOf(payload);
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException e) {
            return Optional.empty(); // no such frame at all, as the library will say
        }
    }

    private static Optional<byte[]> mendTableOf(byte[] payload) {
        var frame = ByteBuffer.wrap(payload);
        var flags = frame.getShort(FLAGS);
        if ((flags & HEADERS) == 0) {
            return Optional.empty();
        }
        frame.position(FLAGS + Short.BYTES);
        skipShortString(frame, flags & CONTENT_TYPE);
        skipShortString(frame, flags & CONTENT_ENCODING);
        var start = frame.position();
        var end = start + Integer.BYTES + frame.getInt();
        var table = ByteBuffer.wrap(payload, start + Integer.BYTES, end - start - Integer.BYTES);
        try {
            mendTable(table, 0);
            return Optional.empty();
        } catch (UnreadableException e) {
            return Optional.of(replace(payload, start, end, e.reason));
        } catch (BufferUnderflowException e) {
            return Optional.of(replace(payload, start, end, "the header table ends too early"));
        }
    }

    private static void skipShortString(ByteBuffer frame, int isPresent) {
        if (isPresent != 0) {
            var length = Byte.toUnsignedInt(frame.get());
            frame.position(frame.position() + length);
        }
    }

    private static void mendTable(ByteBuffer table, int depth) {
        while (table.hasRemaining()) {
            skip(table, Byte.toUnsignedInt(table.get()));
            mendValue(table, depth);
        }
    }

    private static void mendValue(ByteBuffer values, int depth) {
        var tag = values.position();
        switch (values.get()) {
            case 'V' -> {}
            case 't', 'b' -> skip(values, 1);
            case 'B' -> {
                values.put(tag, (byte) 'b');
                skip(values, 1);
            }
            case 's', 'u' -> skip(values, 2);
            case 'I', 'i', 'f' -> skip(values, 4);
            case 'D' -> skip(values, 5);
            case 'd', 'l', 'T' -> skip(values, 8);
            case 'L' -> {
                values.put(tag, (byte) 'l');
                skip(values, 8);
            }
            case 'S', 'x' -> skip(values, values.getInt());
            case 'F' -> mendTable(nested(values, depth), depth + 1);
            case 'A' -> {
                var list = nested(values, depth);
                while (list.hasRemaining()) {
                    mendValue(list, depth + 1);
                }
            }
            default ->
                    throw new UnreadableException(
                            "the headers hold a value of unknown type, byte " + values.get(tag));
        }
    }

    /// The table or list that begins here; `values` goes on behind it.
    private static ByteBuffer nested(ByteBuffer values, int depth) {
        if (depth == MAX_DEPTH) {
            throw new UnreadableException(
                    "the headers are nested deeper than %d levels".formatted(MAX_DEPTH));
        }
        var length = values.getInt();
        var start = values.position();
        skip(values, length);
        return values.slice(start, length);
    }

    private static void skip(ByteBuffer buffer, int length) {
        if (length < 0 || length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        buffer.position(buffer.position() + length);
    }

    private static byte[] replace(byte[] payload, int start, int end, String defect) {
        var name = DEFECT.getBytes(UTF_8);
        var text = defect.getBytes(UTF_8);
        var tableLength = 1 + name.length + 1 + Integer.BYTES + text.length;
        return ByteBuffer.allocate(start + Integer.BYTES + tableLength + payload.length - end)
                .put(payload, 0, start)
                .putInt(tableLength)
                .put((byte) name.length)
                .put(name)
                .put((byte) 'S')
                .putInt(text.length)
                .put(text)
                .put(payload, end, payload.length - end)
                .array();
    }

    private static final class UnreadableException extends RuntimeException {
        private final String reason;

        private UnreadableException(String reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
