package dev.muster.parallel.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One or more whole lines of a text in UTF-8, as the bytes that were read. Immutable.
///
/// Stages that look at bytes read at the speed of memory; [#toString] makes a `String` where one is
/// needed.
public final class Text {
    final byte[] bytes; // never written to once a text of it exists
    final int from;
    final int to;

    private final long line;

    /// @param line the number of the only line, from 1 on; 0 where there are more, or none is known
    Text(byte[] bytes, int from, int to, long line) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.line = line;
    }

    /// A text that stands in memory.
    public static Text of(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Text(bytes, 0, bytes.length, 0);
    }

    /// In bytes.
    public int length() {
        return to - from;
    }

    /// The number of the line, from 1 on, when this is one line of a file; otherwise 0.
    public long line() {
        return line;
    }

    /// A copy of the bytes.
    public byte[] toBytes() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    /// What is no UTF-8 becomes U+FFFD.
    @Override
    public String toString() {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
