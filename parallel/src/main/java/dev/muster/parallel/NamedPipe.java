package dev.muster.parallel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A FIFO: a name in the file system through which unrelated programs talk, whatever they are
/// written in. A shell reads it with `cat`, and writes to it with `echo`.
///
/// ```java
/// var pipe = NamedPipe.create(Path.of("/tmp/orders"));
/// try (var reader = pipe.reader(Duration.ofMinutes(1))) {
///     reader.lines().forEach(IO::println);          // until the last writer is gone
/// }
/// ```
///
/// The system holds 64 KB for who reads late. To programs of one family a [ProcessQueue] offers
/// more: objects, a limit in values, joining.
///
/// @param path where it is
public record NamedPipe(Path path) {
    private static final int TYPE = 0xF000;
    private static final int FIFO = 0x1000;

    /// Uses a FIFO that is there already.
    ///
    /// @throws IllegalArgumentException when what is at the path is none
    /// @throws UncheckedIOException when nothing is there
    public NamedPipe {
        try {
            var mode = (int) Files.getAttribute(path, "unix:mode");
            if ((mode & TYPE) != FIFO) {
                throw new IllegalArgumentException(
                        "%s is there, but is no named pipe".formatted(path));
            }
        } catch (UnsupportedOperationException e) {
            throw new IllegalArgumentException("there are no named pipes on this system", e);
        } catch (IOException e) {
            throw new UncheckedIOException("there is no named pipe at " + path, e);
        }
    }

    /// Makes a FIFO that only this user may open, by the command `mkfifo`. Takes the one that is
    /// there already, if there is one.
    ///
    /// @throws IllegalArgumentException when something else is at the path
    /// @throws UncheckedIOException when it cannot be made, or when there is no `mkfifo`
    public static NamedPipe create(Path path) {
        try {
            var process =
                    new ProcessBuilder("mkfifo", "-m", "600", path.toAbsolutePath().toString())
                            .redirectErrorStream(true)
                            .start();
            var said = new String(process.getInputStream().readAllBytes(), UTF_8);
            process.onExit().join();
            // Another program may have made it at the same time.
            if (process.exitValue() != 0 && !Files.exists(path)) {
                throw new IOException(said.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "no named pipe can be made at %s: %s; is the command mkfifo installed?"
                            .formatted(path, e.getMessage()),
                    e);
        }
        return new NamedPipe(path);
    }

    /// Opens the end to read from, and waits for a writer.
    ///
    /// @param limit how long to wait
    /// @throws TimeoutException when none came in time
    public NamedPipeReader reader(Duration limit) throws InterruptedException, TimeoutException {
        return new NamedPipeReader(open(StandardOpenOption.READ, limit));
    }

    /// Opens the end to write to, and waits for a reader.
    ///
    /// @param limit how long to wait
    /// @throws TimeoutException when none came in time
    public NamedPipeWriter writer(Duration limit) throws InterruptedException, TimeoutException {
        return new NamedPipeWriter(open(StandardOpenOption.WRITE, limit));
    }

    /// The system lets nobody out of the call that opens a FIFO before the other side is there. So
    /// a thread makes it, and who does not want to wait any longer plays the other side.
    private FileChannel open(StandardOpenOption side, Duration limit)
            throws InterruptedException, TimeoutException {
        var opened = new CompletableFuture<FileChannel>();
        Thread.ofPlatform()
                .daemon()
                .name("named-pipe")
                .start(() -> {
                    try {
                        opened.complete(FileChannel.open(path, side));
                    } catch (IOException e) {
                        opened.completeExceptionally(e);
                    }
                });
        try {
            return opened.get(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new UncheckedIOException(
                    "%s cannot be opened".formatted(path), new IOException(e.getCause()));
        } catch (InterruptedException | TimeoutException e) {
            release(opened);
            if (e instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            var missing = side == StandardOpenOption.READ ? "writes to" : "reads from";
            throw new TimeoutException("nobody %s %s after %s".formatted(missing, path, limit));
        }
    }

    private void release(CompletableFuture<FileChannel> opened) {
        try (var _ = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
                var _ = opened.join()) {
            // Opened by both sides, and closed again.
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be opened".formatted(path), e);
        }
    }

    /// Removes the name. Who has it open already is not disturbed.
    ///
    /// @throws UncheckedIOException when that is not allowed
    public void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be deleted".formatted(path), e);
        }
    }
}
