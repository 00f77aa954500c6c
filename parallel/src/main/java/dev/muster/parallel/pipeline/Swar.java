package dev.muster.parallel.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Eight bytes at a time in one `long`.
final class Swar {
    /// Reads a `long` of eight bytes, of which the first is the lowest.
    static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private Swar() {}

    static long repeat(int b) {
        return (b & 0xffL) * ONES;
    }

    /// Sets the highest bit of each byte that is zero. A byte of 1 right above a zero byte may be
    /// marked as well; the lowest mark is always true.
    static long zeroes(long word) {
        return (word - ONES) & ~word & HIGHS;
    }

    /// The place of the first marked byte.
    static int firstByte(long marks) {
        return Long.numberOfTrailingZeros(marks) >>> 3;
    }

    /// Negative when it is not there.
    static int indexOf(byte[] bytes, int from, int to, int b) {
        var pattern = repeat(b);
        var i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            var marks = zeroes((long) LONGS.get(bytes, i) ^ pattern);
            if (marks != 0) {
                return i + firstByte(marks);
            }
        }
        for (; i < to; i++) {
            if (bytes[i] == (byte) b) {
                return i;
            }
        }
        return -1;
    }
}
