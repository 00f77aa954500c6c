package dev.muster.parallel.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;

/// Finds room in the lane of this process. Used under a lock.
///
/// The lane is cut into chunks. One is written from its begin to its end; then comes the one that
/// was free last, as it may still be in the cache. A chunk is free when all in it are taken, and as
/// values are taken in the order in which they were put, it is enough to know the last. So a queue
/// that is mostly empty needs two chunks.
///
/// There is always room for values that are not larger than [Lane#SMALL], as a queue has a limit
/// for their number: others may not use the chunks that are needed for that.
final class LaneWriter {
    private record Chunk(int first, long last) {}

    private final Lane lane;
    private final Slots slots;
    private final Path file;
    private final int chunks;
    private final int reserved;
    private final ArrayDeque<Chunk> used = new ArrayDeque<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private int made;
    private int line;
    private int end;
    private int first;
    private long last = -1;
    private boolean spare;

    LaneWriter(Lane lane, Slots slots, Path folder, int process) {
        this.lane = lane;
        this.slots = slots;
        this.file = Lane.file(folder, process);
        this.chunks = Lane.chunks(slots.capacity());
        // One more for the chunk whose values are not all taken, and one for that being written.
        this.reserved = slots.capacity() / (Lane.CHUNK / Lane.SMALL) + 3;
    }

    /// Writes a value to where nothing is needed any more. The place is taken by [#keep].
    ///
    /// @return the line, or -1 when there is no room for a value of this size
    int write(byte[] bytes, boolean namesFiles) throws IOException {
        var lines = lines(bytes.length);
        if (bytes.length > Lane.MAX_VALUE) {
            return -1;
        }
        if (line + lines > end || (spare && lines > Lane.SMALL / Lane.LINE)) {
            if (!advance(lines <= Lane.SMALL / Lane.LINE)) {
                return -1;
            }
        }
        lane.write(line, bytes, namesFiles);
        return line;
    }

    private static int lines(int size) {
        return (2 * Integer.BYTES + size + Lane.LINE - 1) / Lane.LINE;
    }

    /// The value that was written last has become the value of this number.
    void keep(long sequence, int size) {
        line += lines(size);
        last = sequence;
    }

    /// Begins another chunk.
    private boolean advance(boolean small) throws IOException {
        var head = slots.head();
        for (var oldest = used.peek(); oldest != null && oldest.last() < head; ) {
            free.push(oldest.first());
            used.remove();
            oldest = used.peek();
        }
        var left = free.size() + chunks - made;
        if (left <= (small ? 0 : reserved)) {
            return false;
        }
        if (end > 0) {
            used.add(new Chunk(first, last));
        }
        spare = left <= reserved;
        var next = free.poll();
        first = next == null ? make() : next;
        line = first;
        end = first + Lane.CHUNK / Lane.LINE;
        return true;
    }

    /// Writes zeros with a system call first. Where no memory is left that is an exception, whereas
    /// a write to mapped memory would be an error of the JVM.
    private int make() throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            var zeros = ByteBuffer.allocate(Lane.CHUNK);
            while (zeros.hasRemaining()) {
                channel.write(zeros, (long) made * Lane.CHUNK + zeros.position());
            }
        }
        return made++ * (Lane.CHUNK / Lane.LINE);
    }
}
