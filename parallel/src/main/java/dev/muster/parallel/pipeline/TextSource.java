package dev.muster.parallel.pipeline;

import java.io.IOException;
import java.util.Arrays;

/// Reads a text in blocks that end with a line.
final class TextSource {
    /// Small enough for the second level of cache, so that several searches read a block from
    /// there.
    private static final int BLOCK = 128 * 1024;

    /// More would not fit into one array.
    private static final int LONGEST_LINE = 1 << 30;

    /// Where bytes come from.
    @FunctionalInterface
    interface Input {
        /// Reads at least one byte, unless there are no more: then it returns a negative number.
        int read(byte[] target, int from, int length) throws IOException;
    }

    private TextSource() {}

    static void send(Input input, Stage<? super Text> next) throws IOException {
        var block = new byte[BLOCK];
        var filled = 0;
        while (true) {
            var count = input.read(block, filled, block.length - filled);
            if (count < 0) {
                break;
            }
            filled += count;
            if (filled < block.length) {
                continue;
            }
            var end = endOfLastLine(block, filled);
            if (end < 0) {
                block = Arrays.copyOf(block, longer(block.length));
                continue;
            }
            var full = block;
            block = new byte[Math.max(BLOCK, 2 * (filled - end))];
            filled -= end;
            System.arraycopy(full, end, block, 0, filled);
            next.send(new Text(full, 0, end, 0));
        }
        if (filled > 0) {
            next.send(new Text(block, 0, filled, 0));
        }
    }

    private static int longer(int length) throws IOException {
        if (length >= LONGEST_LINE) {
            throw new IOException("there is a line of more than %d bytes".formatted(LONGEST_LINE));
        }
        return length * 2;
    }

    /// Negative when there is none.
    private static int endOfLastLine(byte[] block, int length) {
        for (var i = length - 1; i >= 0; i--) {
            if (block[i] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }
}
