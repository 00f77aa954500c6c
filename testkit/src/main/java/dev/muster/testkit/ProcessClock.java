package dev.muster.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The system's clock, with an offset that another process may change at any time: the number of
/// milliseconds in a file, which is mapped into memory. Thread-safe.
final class ProcessClock implements InstantSource {
    private final ByteBuffer offset;

    private ProcessClock(ByteBuffer offset) {
        this.offset = offset;
    }

    /// A clock that goes right, until its file is written to by [#set].
    static ProcessClock open(Path file) {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            return new ProcessClock(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Has all clocks of this file be so much ahead of the system's.
    static void set(Path file, Duration ahead) {
        try (var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.allocate(Long.BYTES).putLong(0, ahead.toMillis());
            channel.write(bytes, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Instant instant() {
        return InstantSource.system().instant().plusMillis(offset.getLong(0));
    }
}
