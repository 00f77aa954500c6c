package dev.muster.parallel.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.parallel.wire.ByteSink;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What frames are made of. [FrameReader] is the other side.
///
/// A call: its number (8 bytes), the [Verb] (1), the number of the thing that it is for (4), the
/// number of the client's thread (8), and what the verb needs. A reply: the call's number, the
/// [Status] (1), and the result or a message.
final class Frames {
    /// Stands for no limit: some centuries.
    static final long FOR_EVER = Long.MAX_VALUE / 2;

    static final byte NOTHING = 0;
    static final byte VALUE = 1;
    static final byte END = 2;

    private Frames() {}

    static void writeBytes(ByteSink sink, byte @Nullable [] bytes) {
        if (bytes == null) {
            sink.writeInt(-1);
        } else {
            sink.writeInt(bytes.length);
            sink.write(bytes);
        }
    }

    static void writeText(ByteSink sink, @Nullable String text) {
        writeBytes(sink, Objects.requireNonNullElse(text, "").getBytes(UTF_8));
    }

    static void writeTruth(ByteSink sink, boolean truth) {
        sink.write(truth ? 1 : 0);
    }

    /// One of a closed set. What is on the wire is its place in the set, in one byte.
    @SuppressWarnings("EnumOrdinal")
    static void writeOneOf(ByteSink sink, Enum<?> value) {
        sink.write(value.ordinal());
    }

    /// How long to wait, in nanoseconds.
    static long nanos(Duration limit) {
        if (limit.isNegative()) {
            return 0;
        }
        return limit.compareTo(Duration.ofNanos(FOR_EVER)) > 0 ? FOR_EVER : limit.toNanos();
    }
}
