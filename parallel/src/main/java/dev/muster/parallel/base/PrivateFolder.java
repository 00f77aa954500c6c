package dev.muster.parallel.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;

/// A folder that only the user of this process can enter, for sockets and for data that its
/// processes share. It is in memory where the system has such a place. It is deleted by [#close],
/// at the end of this JVM, or, when that was killed, by the next process that makes one.
public final class PrivateFolder implements AutoCloseable {
    /// Short, as the path of a socket may have no more than 107 bytes.
    private static final Path IN_MEMORY = Path.of("/dev/shm");

    private static final Pattern NAME = Pattern.compile("muster-(\\d+)-\\d+");

    private final Path path;
    private final Thread hook = Thread.ofPlatform().name("delete-folder").unstarted(this::delete);

    private PrivateFolder(Path path) {
        this.path = path;
    }

    /// @throws UncheckedIOException when there is no place for it
    public static PrivateFolder open() {
        var parent =
                Files.isWritable(IN_MEMORY)
                        ? IN_MEMORY
                        : Path.of(System.getProperty("java.io.tmpdir"));
        try {
            deleteThoseOfTheDead(parent);
            var folder =
                    Files.createTempDirectory(
                            parent,
                            "muster-%d-".formatted(ProcessHandle.current().pid()),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")));
            var made = new PrivateFolder(folder);
            Runtime.getRuntime().addShutdownHook(made.hook);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("no folder can be made in " + parent, e);
        }
    }

    private static void deleteThoseOfTheDead(Path parent) throws IOException {
        try (var folders = Files.newDirectoryStream(parent, "muster-*-*")) {
            for (var folder : folders) {
                var name = NAME.matcher(folder.getFileName().toString());
                if (name.matches()
                        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
                        && Files.isWritable(folder)) {
                    deleteAll(folder);
                }
            }
        }
    }

    /// Where it is.
    public Path path() {
        return path;
    }

    private void delete() {
        deleteAll(path);
    }

    /// Deletes a folder with all that is in it. What another process deletes or makes at the same
    /// time is no reason to fail.
    public static void deleteAll(Path folder) {
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            Files.deleteIfExists(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(Path visited, IOException e)
                                throws IOException {
                            Files.deleteIfExists(visited);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException _) {
            // The next process that makes a folder deletes what is left.
        }
    }

    /// Deletes it with all that is in it. Closing twice is harmless.
    @Override
    public void close() {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM ends, and the hook runs anyway.
        }
    }
}
