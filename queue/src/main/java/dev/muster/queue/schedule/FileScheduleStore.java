package dev.muster.queue.schedule;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.ScheduleRecord;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A schedule in a JSON file, for the processes of one machine. It is written into another file
/// first, which then takes the place of the old one in a single step.
///
/// Implementation note: the operating system keeps two locks, each on a file of its own beside it.
/// `….lead` is held by the beat that leads; it is free in the moment when its process is gone, and
/// no lease is counted: a process that is stopped keeps the lead, and nothing is sent meanwhile.
/// `….lock` is held while the file is read and replaced. A process loses its locks on a file when
/// it closes any channel to that file, so within a JVM a file of locks is opened only by who may
/// have the lock: `LEADS` and `WRITERS` say who that is.
public final class FileScheduleStore implements ScheduleStore {
    private static final Json JSON = new Json(true);

    /// The files that are led in this JVM.
    private static final Set<Path> LEADS = ConcurrentHashMap.newKeySet();

    private static final Map<Path, ReentrantLock> WRITERS = new ConcurrentHashMap<>();

    private final Path file;

    /// Guarded by this object, as is what follows.
    private @Nullable FileChannel lead;

    private String leader = "";

    /// @param file need not exist; neither need its folder
    public FileScheduleStore(Path file) {
        this.file = file.toAbsolutePath().normalize();
    }

    @Override
    public synchronized OptionalLong lead(String owner, Duration lease) {
        if (lead == null) {
            if (!LEADS.add(file)) {
                return OptionalLong.empty();
            }
            try {
                lead = tryLock();
            } finally {
                if (lead == null) {
                    LEADS.remove(file);
                }
            }
            leader = owner;
        }
        return lead != null && leader.equals(owner)
                ? OptionalLong.of(content().revision)
                : OptionalLong.empty();
    }

    /// Null when another process has it.
    private @Nullable FileChannel tryLock() {
        try {
            var channel = open(".lead");
            var lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                return null;
            }
            return channel;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private FileChannel open(String suffix) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        return FileChannel.open(
                file.resolveSibling(file.getFileName() + suffix),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
    }

    private ScheduleStoreException failure(Exception cause) {
        return new ScheduleStoreException(
                "schedule %s: %s".formatted(file, cause.getMessage()), cause);
    }

    @Override
    public synchronized void resign(String owner) {
        if (lead != null && leader.equals(owner)) {
            try {
                lead.close();
            } catch (IOException e) {
                throw failure(e);
            } finally {
                lead = null;
                LEADS.remove(file);
            }
        }
    }

    private synchronized boolean leads(String owner) {
        return lead != null && leader.equals(owner);
    }

    @Override
    public List<ScheduleRecord> read() {
        return List.copyOf(content().entries.values());
    }

    @Override
    public OptionalLong write(ScheduleRecord entry, Optional<String> by) {
        return change(
                entry,
                by,
                (entries, revision) ->
                        entries.put(
                                entry.name(),
                                new ScheduleRecord(entry.name(), revision, entry.document())));
    }

    @Override
    public OptionalLong remove(ScheduleRecord entry, Optional<String> by) {
        return change(entry, by, (entries, _) -> entries.remove(entry.name()));
    }

    private OptionalLong change(ScheduleRecord entry, Optional<String> by, Change change) {
        var turn = WRITERS.computeIfAbsent(file, _ -> new ReentrantLock());
        turn.lock();
        try (var channel = open(".lock");
                FileLock _ = channel.lock()) {
            var content = content();
            var current = content.entries.get(entry.name());
            var version = current == null ? 0 : current.version();
            if (version != entry.version() || (by.isPresent() && !leads(by.get()))) {
                return OptionalLong.empty();
            }
            var entries = new LinkedHashMap<>(content.entries);
            change.apply(entries, content.revision + 1);
            write(new Content(content.revision + 1, entries));
            return OptionalLong.of(content.revision + 1);
        } catch (IOException e) {
            throw failure(e);
        } finally {
            turn.unlock();
        }
    }

    private void write(Content content) throws IOException {
        var entries = new ArrayList<String>();
        for (var entry : content.entries.values()) {
            entries.add(
                    "  %s: {\"version\": %d, \"entry\": %s}"
                            .formatted(
                                    JSON.writeText(entry.name()),
                                    entry.version(),
                                    entry.document()));
        }
        var text =
                "{\"revision\": %d, \"entries\": {%n%s%n}}%n"
                        .formatted(content.revision, String.join(",\n", entries));
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        try (var channel =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            var bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true); // a power failure must not leave an empty file under the old name
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Content content() {
        if (!Files.exists(file)) {
            return new Content(0, Map.of());
        }
        try {
            if (JSON.read(Files.readAllBytes(file)) instanceof Map<?, ?> content
                    && content.get("revision") instanceof Long revision
                    && content.get("entries") instanceof Map<?, ?> entries) {
                var records = new LinkedHashMap<String, ScheduleRecord>();
                entries.forEach((name, entry) -> records.put((String) name, record(name, entry)));
                return new Content(revision, records);
            }
            throw new DecodeException("it is no schedule of Muster");
        } catch (DecodeException | EncodeException | IllegalArgumentException e) {
            throw new ScheduleStoreException(
                    "schedule %s cannot be read: %s; delete it to begin anew"
                            .formatted(file, e.getMessage()),
                    e);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static ScheduleRecord record(Object name, @Nullable Object entry) {
        if (entry instanceof Map<?, ?> map
                && map.get("version") instanceof Long version
                && map.get("entry") instanceof Map<?, ?> document) {
            return new ScheduleRecord((String) name, version, JSON.writeText(document));
        }
        throw new DecodeException("'%s' is no entry of a schedule".formatted(name));
    }

    @Override
    public String description() {
        return file.toString();
    }

    @Override
    public synchronized void close() {
        resign(leader);
    }

    @FunctionalInterface
    private interface Change {
        void apply(Map<String, ScheduleRecord> entries, long revision);
    }

    private record Content(long revision, Map<String, ScheduleRecord> entries) {}
}
