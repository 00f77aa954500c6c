package dev.muster.parallel.wire;

import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The file with what is large in a value. It is read in place, and has no name any more from the
/// moment in which it is opened, so the memory is free when the last buffer in it is unreachable.
///
/// @param content null when there is none
record LargeParts(@Nullable MemorySegment content) {
    static LargeParts open(@Nullable Path file) throws IOException {
        if (file == null) {
            return new LargeParts(null);
        }
        var interrupted = false;
        try {
            while (true) {
                try {
                    return new LargeParts(map(file));
                } catch (ClosedByInterruptException _) {
                    // An interrupt closes the channel. Whoever opens the file has taken the value
                    // already, so it would be lost.
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            Files.deleteIfExists(file);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static MemorySegment map(Path file) throws IOException {
        try (var channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), Arena.ofAuto());
        }
    }

    long size() {
        return content == null ? 0 : content.byteSize();
    }

    Object read(Values.LargePart part) throws IOException {
        if (content == null
                || part.offset() < 0
                || part.size() < 0
                || part.offset() > content.byteSize() - part.size()) {
            throw new StreamCorruptedException(part + " is not in the file that came with it");
        }
        var slice = content.asSlice(part.offset(), part.size());
        return part.isArray() ? slice.toArray(ValueLayout.JAVA_BYTE) : slice.asByteBuffer();
    }

    /// Writes such a file, if there is a folder for it. Written, not mapped: a full disk is an
    /// exception then, not the end of the process.
    static final class Writer implements AutoCloseable {
        private final @Nullable Path folder;
        private @Nullable Path file;
        private @Nullable FileChannel channel;
        private boolean finished;

        Writer(@Nullable Path folder) {
            this.folder = folder;
        }

        boolean isPossible() {
            return folder != null;
        }

        /// @return where it begins in the file
        long write(ByteBuffer content) throws IOException {
            if (channel == null) {
                file = Files.createTempFile(Objects.requireNonNull(folder), "large-", "");
                channel = FileChannel.open(file, StandardOpenOption.WRITE);
            }
            var offset = channel.position();
            while (content.hasRemaining()) {
                channel.write(content);
            }
            return offset;
        }

        /// @return the file; null when nothing was written
        @Nullable Path finish() {
            finished = true;
            return file;
        }

        @Override
        public void close() throws IOException {
            if (channel != null) {
                channel.close();
            }
            if (!finished && file != null) {
                Files.deleteIfExists(file);
            }
        }
    }
}
