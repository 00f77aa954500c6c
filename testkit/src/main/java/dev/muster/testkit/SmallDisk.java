package dev.muster.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/// A disk that is full on demand, for a server's data or a database file, and for nothing else: a
/// file system of its own, in memory. Gone when it is closed and when this JVM ends.
///
/// Needs the right to mount, which root has on a machine, and in a container that was given it
/// (`--cap-add SYS_ADMIN`).
public final class SmallDisk implements AutoCloseable {
    /// Takes memory only for what is written.
    private static final long MEGABYTES = 2_048;

    private static final long MEGABYTE = 1L << 20;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /// Writers may take more between a look at what is used and the change of the size. So the
    /// later tries leave a little, which such a writer fills.
    private static final int TRIES = 20;

    private static final int EXACT_TRIES = 5;
    private static final int SLACK = 256 << 10;

    private final Sandbox sandbox;
    private final Path path;
    private final boolean mounted;

    private SmallDisk(Sandbox sandbox, Path path, boolean mounted) {
        this.sandbox = sandbox;
        this.path = path;
        this.mounted = mounted;
    }

    /// An empty disk. Aborts the test that calls it where that [is not possible][#isPossible()].
    public static SmallDisk open() {
        Assumptions.assumeTrue(
                isPossible(), "a full disk takes the right to mount: root, and CAP_SYS_ADMIN");
        return open(true);
    }

    /// An empty disk, or a folder that [cannot be filled][#canBeFilled()] where that is not
    /// possible.
    public static SmallDisk openIfPossible() {
        return open(isPossible());
    }

    private static SmallDisk open(boolean mounted) {
        var sandbox = Sandbox.open("disk");
        try {
            // A server that runs as another user must be able to go through.
            Files.setPosixFilePermissions(
                    sandbox.folder(), PosixFilePermissions.fromString("rwx--x--x"));
            var path = Files.createDirectory(sandbox.path("disk"));
            var disk = new SmallDisk(sandbox, path, mounted);
            if (!mounted) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
                return disk;
            }
            sandbox.unmountAtEnd(path);
            disk.run(
                    "mount",
                    "-t",
                    "tmpfs",
                    "-o",
                    "size=%dm".formatted(MEGABYTES),
                    "tmpfs",
                    path.toString());
            return disk;
        } catch (IOException e) {
            sandbox.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            sandbox.close();
            throw e;
        }
    }

    /// Whether this process may mount.
    public static boolean isPossible() {
        try (var sandbox = Sandbox.open("mount")) {
            // A mount namespace of one's own takes the same right, and leaves nothing behind.
            return Command.run(
                                    sandbox,
                                    List.of("/usr/bin/unshare", "--mount", "true"),
                                    Map.of(),
                                    LIMIT)
                            .exitStatus()
                    == 0;
        }
    }

    public boolean canBeFilled() {
        return mounted;
    }

    /// Where it is. Everyone may write there.
    public Path path() {
        return path;
    }

    /// Leaves nothing free.
    public void fill() {
        fill(0);
    }

    /// Leaves so much free.
    public void fill(int megabytes) {
        for (var attempt = 1; ; attempt++) {
            try {
                var store = Files.getFileStore(path);
                var used = store.getTotalSpace() - store.getUnallocatedSpace();
                var slack = Math.max(0, attempt - EXACT_TRIES) * SLACK;
                resize(Long.toString(used + megabytes * MEGABYTE + slack));
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (IllegalStateException e) {
                if (attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    /// Makes it as large as it was.
    public void free() {
        resize(MEGABYTES + "m");
    }

    private void resize(String size) {
        if (!mounted) {
            throw new IllegalStateException(path + " is a folder, which cannot be filled");
        }
        run("mount", "-o", "remount,size=" + size, path.toString());
    }

    private void run(String... command) {
        var outcome = Command.run(sandbox, List.of(command), Map.of(), LIMIT);
        if (outcome.exitStatus() != 0) {
            throw new IllegalStateException(
                    "%s failed: %s".formatted(String.join(" ", command), outcome.errors()));
        }
    }

    /// Deletes what is on it. Whoever uses it should have ended. Twice is harmless.
    @Override
    public void close() {
        sandbox.close();
    }
}
