package dev.muster.parallel.ring;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The memory with the values of one process, which alone writes to it, by a [LaneWriter]. The file
/// is much larger than what is in it: what was never written takes no memory.
///
/// A value is two numbers, its size and whether it names [Files], and its bytes. It begins at a
/// line.
record Lane(MemorySegment memory) {
    static final int LINE = 32;
    static final int CHUNK = 64 * 1024;

    /// Larger values go to a file of their own.
    static final int MAX_VALUE = CHUNK - 2 * Integer.BYTES;

    /// What a value that is all in files needs at most, and so does a value without files that is
    /// not larger.
    static final int SMALL = 128;

    /// For values of some kilobytes each, a queue that is full. The rest would go to files.
    private static final int USUAL_VALUE = 4 * 1024;

    private static final int MAX_CHUNKS = 16 * 1024;
    private static final int MIN_CHUNKS = 64;

    /// How many chunks there are in each lane of a queue.
    static int chunks(int capacity) {
        return Math.clamp((long) capacity * USUAL_VALUE / CHUNK, MIN_CHUNKS, MAX_CHUNKS);
    }

    static Path file(Path folder, int process) {
        return folder.resolve("lane-" + process);
    }

    static Lane open(Path folder, int process, int capacity) throws IOException {
        try (var channel =
                FileChannel.open(
                        file(folder, process),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            return new Lane(
                    channel.map(
                            FileChannel.MapMode.READ_WRITE,
                            0,
                            (long) chunks(capacity) * CHUNK,
                            Arena.ofAuto()));
        }
    }

    void write(int line, byte[] bytes, boolean namesFiles) {
        var offset = (long) line * LINE;
        memory.set(ValueLayout.JAVA_INT, offset, bytes.length);
        memory.set(ValueLayout.JAVA_INT, offset + Integer.BYTES, namesFiles ? 1 : 0);
        MemorySegment.copy(
                bytes, 0, memory, ValueLayout.JAVA_BYTE, offset + 2 * Integer.BYTES, bytes.length);
    }

    /// What was written. It is right only if [Slots#claim] succeeds after it: when another process
    /// takes the value meanwhile, something else may be written there.
    ///
    /// @return null when what is there cannot be a value
    byte @Nullable [] read(int line) {
        var offset = (long) line * LINE;
        if (offset > memory.byteSize() - 2 * Integer.BYTES) {
            return null;
        }
        var size = memory.get(ValueLayout.JAVA_INT, offset);
        if (size < 0 || size > MAX_VALUE || offset + 2 * Integer.BYTES + size > memory.byteSize()) {
            return null;
        }
        var bytes = new byte[size];
        MemorySegment.copy(
                memory, ValueLayout.JAVA_BYTE, offset + 2 * Integer.BYTES, bytes, 0, size);
        return bytes;
    }

    /// As for [#read], only right if the value is claimed after it.
    boolean namesFiles(int line) {
        return memory.get(ValueLayout.JAVA_INT, (long) line * LINE + Integer.BYTES) != 0;
    }
}
