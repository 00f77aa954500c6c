package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ids of tasks that must not be started any more: the last 50,000 of the last three hours, as
/// Celery remembers them (celery-wire 6.6). With a file they survive a restart of the worker.
/// Thread-safe.
final class RevokedTasks {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int MOST = 50_000;
    private static final Duration REMEMBERED = Duration.ofHours(3);
    private static final Json JSON = new Json(false);

    private final InstantSource clock;
    private final @Nullable Path file;

    /// With the time of their revocation, the oldest first. Guarded by this object.
    private final Map<String, Instant> ids = new LinkedHashMap<>();

    /// @param file where they are kept; null for nowhere. It need not exist.
    RevokedTasks(InstantSource clock, @Nullable Path file) {
        this.clock = clock;
        this.file = file;
        if (file != null && Files.exists(file)) {
            read(file);
        }
    }

    /// A file that cannot be read is no reason not to work; it is kept for whoever wants to look.
    private void read(Path source) {
        try {
            if (!(JSON.read(Files.readAllBytes(source)) instanceof Map<?, ?> content)
                    || !(content.get("revoked") instanceof Map<?, ?> revoked)) {
                throw new DecodeException("it lists no revoked tasks");
            }
            revoked.forEach((id, second) -> {
                if (second instanceof Long number) {
                    ids.put(String.valueOf(id), Instant.ofEpochSecond(number));
                }
            });
        } catch (IOException | DecodeException e) {
            LOG.warn(
                    "the revoked tasks in {} cannot be read, and may run: {}",
                    source,
                    e.getMessage());
        }
    }

    synchronized void add(Collection<String> revoked) {
        var now = clock.instant();
        for (var id : revoked) {
            ids.remove(id);
            ids.put(id, now);
        }
        ids.values().removeIf(time -> time.isBefore(now.minus(REMEMBERED)));
        var surplus = ids.size() - MOST;
        List.copyOf(ids.keySet().stream().limit(Math.max(0, surplus)).toList())
                .forEach(ids::remove);
        if (file != null) {
            write(file);
        }
    }

    /// Into another file first, which then takes the place of the old one in a single step.
    private void write(Path target) {
        var seconds = new LinkedHashMap<String, Long>();
        ids.forEach((id, time) -> seconds.put(id, time.getEpochSecond()));
        try {
            var fresh = target.resolveSibling(target.getFileName() + ".new");
            Files.write(fresh, JSON.write(Map.of("revoked", seconds)));
            Files.move(
                    fresh,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.error("the revoked tasks cannot be kept in {}: {}", target, e.getMessage());
        }
    }

    /// The latest last.
    synchronized List<String> all() {
        return List.copyOf(ids.keySet());
    }

    synchronized boolean contains(String id) {
        var time = ids.get(id);
        return time != null && !time.isBefore(clock.instant().minus(REMEMBERED));
    }
}
