package dev.muster.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// A file with the number of this process, for scripts that stop it. It is there while the process
/// runs; one that a dead process has left is replaced.
final class PidFile implements AutoCloseable {
    private final @Nullable Path file;

    private PidFile(@Nullable Path file) {
        this.file = file;
    }

    /// @param file null for none
    /// @throws CommandException when the process in the file runs
    static PidFile write(@Nullable Path file) {
        if (file == null) {
            return new PidFile(null);
        }
        try {
            try {
                create(file);
            } catch (FileAlreadyExistsException e) {
                var other = Files.readString(file).strip();
                if (isRunning(other)) {
                    throw CommandException.failed(
                            "%s says that it runs already, as process %s".formatted(file, other));
                }
                Files.delete(file);
                create(file);
            }
            var written = new PidFile(file);
            // A cold shutdown ends the JVM without closing anything.
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform().name("pid-file").unstarted(written::close));
            return written;
        } catch (IOException e) {
            throw CommandException.failed("%s cannot be written: %s".formatted(file, e));
        }
    }

    private static void create(Path file) throws IOException {
        Files.writeString(file, ownPid() + "\n", StandardOpenOption.CREATE_NEW);
    }

    private static boolean isRunning(String pid) {
        return pid.matches("\\d{1,18}")
                && !pid.equals(ownPid())
                && ProcessHandle.of(Long.parseLong(pid)).isPresent();
    }

    private static String ownPid() {
        return Long.toString(ProcessHandle.current().pid());
    }

    /// By now it may be another process's.
    @Override
    public void close() {
        if (file != null) {
            try {
                if (Files.exists(file) && Files.readString(file).strip().equals(ownPid())) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
