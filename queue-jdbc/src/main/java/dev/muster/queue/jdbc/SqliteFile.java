package dev.muster.queue.jdbc;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A database file as this process shares it: with itself, and with the other processes of the
/// machine. One object per file and process, however many brokers and stores use the file.
///
/// SQLite has one writer at a time, and one who finds it busy sleeps and tries again. So writers of
/// Muster first queue up here: in the process for a lock, between processes for a lock on a file,
/// which the kernel hands on at once and takes back from a process that dies. SQLite's own locks
/// remain what keeps the data right; this one only keeps them free of contention.
///
/// Beside the database stands a folder (`queue.db-wake`) with that lock file and a file per topic
/// that senders touch after a commit, for [SqliteWakeups]. It holds no data and may be deleted.
final class SqliteFile {
    /// Guarded by itself. The one place where objects of a process that do not know each other must
    /// meet: a file lock belongs to the whole process.
    private static final Map<Path, SqliteFile> OPEN = new HashMap<>();

    private final Path path;
    private final Path folder;
    private final SqliteWakeups.Watch watch;
    private final ReentrantLock turn = new ReentrantLock(true);

    /// Guarded by the map of open files.
    private int users;

    /// Guarded by the turn.
    private @Nullable FileChannel lockFile;

    private SqliteFile(Path path) {
        this.path = path;
        this.folder = path.resolveSibling(path.getFileName() + "-wake");
        this.watch = new SqliteWakeups.Watch(folder);
    }

    /// Creates the folder of the file, and that for wake-ups, where they do not exist. More that is
    /// missing is a mistake in a path, and workers and senders would wait in different queues.
    static SqliteFile open(Path path) throws IOException {
        var parent = path.toAbsolutePath().normalize().getParent();
        if (parent == null) {
            throw new IOException("is a folder");
        }
        if (parent.getParent() != null && Files.isDirectory(parent.getParent())) {
            Files.createDirectories(parent);
        }
        var realParent = parent.toRealPath();
        if (!Files.isDirectory(realParent)) {
            throw new NotDirectoryException(parent.toString());
        }
        // Two names of one file must lead to the same lock.
        var real = Files.exists(path) ? path.toRealPath() : realParent.resolve(path.getFileName());
        synchronized (OPEN) {
            var file = OPEN.computeIfAbsent(real, SqliteFile::new);
            Files.createDirectories(file.folder);
            file.users++;
            return file;
        }
    }

    /// Undoes one [#open].
    void close() {
        synchronized (OPEN) {
            users--;
            if (users > 0) {
                return;
            }
            OPEN.remove(path);
        }
        watch.close();
        turn.lock();
        try {
            closeLockFile();
        } finally {
            turn.unlock();
        }
    }

    Path path() {
        return path;
    }

    SqliteWakeups.Watch watch() {
        return watch;
    }

    Dialect.WriteTurn awaitTurn() {
        turn.lock();
        // Who opens a connection in its turn asks twice.
        var lock = turn.getHoldCount() == 1 ? lockBetweenProcesses() : null;
        return () -> {
            try {
                if (lock != null) {
                    lock.release();
                }
            } catch (IOException _) {
                // The channel is closed, and the lock gone with it.
            } finally {
                turn.unlock();
            }
        };
    }

    /// Waits among the writers of this process only, and no longer than `patience`: whoever has
    /// waited in vain goes on without a turn.
    Dialect.WriteTurn awaitTurn(Duration patience) {
        try {
            return turn.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS) ? turn::unlock : () -> {};
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return () -> {};
        }
    }

    /// Null where the file cannot be locked: writers then meet at SQLite's lock, slower but as
    /// safe.
    private @Nullable FileLock lockBetweenProcesses() {
        var interrupted = false;
        try {
            while (true) {
                try {
                    var channel = lockFile;
                    if (channel == null || !channel.isOpen()) {
                        channel =
                                FileChannel.open(
                                        folder.resolve("writer"),
                                        StandardOpenOption.CREATE,
                                        StandardOpenOption.WRITE);
                        lockFile = channel;
                    }
                    return channel.lock();
                } catch (ClosedByInterruptException _) {
                    // An interrupt is for whoever waits for messages; a short wait for the lock
                    // goes on.
                    interrupted |= Thread.interrupted();
                }
            }
        } catch (IOException | OverlappingFileLockException _) {
            return null;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void closeLockFile() {
        try {
            if (lockFile != null) {
                lockFile.close();
            }
        } catch (IOException _) {
            // Nothing was written to it.
        }
        lockFile = null;
    }
}
