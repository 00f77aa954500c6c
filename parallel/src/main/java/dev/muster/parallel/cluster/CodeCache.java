package dev.muster.parallel.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Jars by the SHA-256 of their bytes, and what the JVM knows about them, in a folder that outlives
/// the server and may belong to several. When that is more than the limit, those that were not used
/// for longest are deleted, but none that a server uses. Thread-safe.
final class CodeCache {
    private static final Logger LOG = LoggerFactory.getLogger(CodeCache.class);
    private static final String JAR = ".jar";

    /// What the JVM keeps about class paths, for children that start sooner.
    private static final String JVM_CACHE = ".aot";

    private static final String COMING = ".coming";

    /// After that time nobody is still sending it.
    private static final Duration FORGOTTEN = Duration.ofDays(1);

    private final Path folder;
    private final long limit;
    private final InstantSource clock;

    /// What this server uses, and how often. Guarded by this.
    private final Map<Path, Use> used = new HashMap<>();

    private static final class Use {
        /// Kept open for its lock, which tells other servers.
        private final FileChannel channel;

        private int count;

        private Use(FileChannel channel) {
            this.channel = channel;
        }
    }

    /// @param limit in bytes
    CodeCache(Path folder, long limit, InstantSource clock) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.limit = limit;
        this.clock = clock;
    }

    /// Keeps an entry from being deleted until [#release].
    ///
    /// @return empty when it is not there
    synchronized Optional<Path> use(CodeEntry entry) throws IOException {
        var file = folder.resolve(entry.sha256() + JAR);
        var use = used.get(file);
        if (use == null) {
            var channel = open(file);
            if (channel == null) {
                return Optional.empty();
            }
            // Where a crash has left a part of a file, it is sent again.
            if (channel.size() != entry.size() || !Files.exists(file)) {
                channel.close();
                return Optional.empty();
            }
            use = new Use(channel);
            used.put(file, use);
        }
        use.count++;
        return Optional.of(file);
    }

    /// Not the time of the last change, by which the JVM tells whether its own caches of the jar
    /// still fit.
    private void touch(Path file) throws IOException {
        Files.getFileAttributeView(file, BasicFileAttributeView.class)
                .setTimes(null, FileTime.from(clock.instant()), null);
    }

    /// With a lock that tells other servers. The system forgets it when any other channel of this
    /// process to the same file is closed, which setting a time opens and closes; so that comes
    /// first.
    private @Nullable FileChannel open(Path file) throws IOException {
        FileChannel channel;
        try {
            touch(file);
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException _) {
            return null;
        }
        try {
            var _ = channel.lock(0, Long.MAX_VALUE, true);
        } catch (OverlappingFileLockException _) {
            // Another server in this JVM has it.
        }
        return channel;
    }

    /// The reverse of [#use].
    synchronized void release(Path file) throws IOException {
        var use = used.get(file);
        if (use != null && --use.count == 0) {
            used.remove(file);
            use.channel.close();
        }
    }

    /// Begins to store an entry.
    Store store(CodeEntry entry) throws IOException {
        return new Store(entry);
    }

    /// An entry that is coming in. Used by one thread.
    final class Store implements AutoCloseable {
        private final CodeEntry entry;
        private final MessageDigest digest = ProgramCode.sha256();
        private final Path file;
        private final OutputStream target;
        private long size;

        private Store(CodeEntry entry) throws IOException {
            this.entry = entry;
            this.file = Files.createTempFile(folder, "", COMING);
            this.target = Files.newOutputStream(file);
        }

        /// @throws WrongCodeException when it gets longer than it should be
        void write(byte[] bytes) throws IOException {
            size += bytes.length;
            if (size > entry.size()) {
                throw new WrongCodeException(entry);
            }
            digest.update(bytes);
            target.write(bytes);
        }

        /// Puts it into the cache.
        ///
        /// @throws WrongCodeException when it is not what it should be
        void finish() throws IOException {
            target.close();
            var hash = HexFormat.of().formatHex(digest.digest());
            if (size != entry.size() || !hash.equals(entry.sha256())) {
                throw new WrongCodeException(entry);
            }
            Files.move(
                    file,
                    folder.resolve(entry.sha256() + JAR),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void close() throws IOException {
            target.close();
            Files.deleteIfExists(file);
        }
    }

    /// Deletes what is too much.
    synchronized void trim() {
        try {
            deleteForgotten();
            var total = 0L;
            var kept = new ArrayList<Kept>();
            for (var file : list(JAR, JVM_CACHE)) {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                kept.add(new Kept(file, attributes.lastAccessTime(), attributes.size()));
                total += attributes.size();
            }
            kept.sort(Comparator.comparing(Kept::lastUse));
            for (var file : kept) {
                if (total > limit && !used.containsKey(file.path) && delete(file.path)) {
                    total -= file.size;
                }
            }
        } catch (IOException e) {
            LOG.warn("The code cache {} cannot be trimmed: {}", folder, e.toString());
        }
    }

    private record Kept(Path path, FileTime lastUse, long size) {}

    private List<Path> list(String... suffixes) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> Arrays.stream(suffixes).anyMatch(file.toString()::endsWith))
                    .toList();
        }
    }

    private void deleteForgotten() throws IOException {
        var oldest = FileTime.from(clock.instant().minus(FORGOTTEN));
        for (var file : list(COMING)) {
            if (Files.getLastModifiedTime(file).compareTo(oldest) < 0) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// @return false when another server uses it
    private static boolean delete(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return false;
            }
            Files.deleteIfExists(file);
            return true;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }
}
