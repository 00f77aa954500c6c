package dev.muster.queue;

import dev.muster.queue.Revocation.Target;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.message.TaskRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tasks that must not be started any more, by id or by stamp: of each the last 50,000 of the
/// last three hours, as Celery remembers ids (celery-wire 6.6). With a file they survive a restart
/// of the worker. Thread-safe.
final class RevokedTasks {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int MOST = 50_000;
    private static final Duration REMEMBERED = Duration.ofHours(3);
    private static final Json JSON = new Json(false);

    private static final String REVOKED = "revoked";
    private static final String STAMPS = "stamps";

    private final InstantSource clock;
    private final @Nullable Path file;

    /// With the time of their revocation, the oldest first. Guarded by this object, as is what
    /// follows.
    private final Map<String, Instant> ids = new LinkedHashMap<>();

    private final Map<Stamp, Instant> stamps = new LinkedHashMap<>();

    /// @param file where they are kept; null for nowhere. It need not exist.
    RevokedTasks(InstantSource clock, @Nullable Path file) {
        this.clock = clock;
        this.file = file;
        if (file != null && Files.exists(file)) {
            read(file);
        }
    }

    private record Stamp(String name, @Nullable Object value) {}

    /// A file that cannot be read is no reason not to work; it is kept for whoever wants to look.
    private void read(Path source) {
        try {
            if (!(JSON.read(Files.readAllBytes(source)) instanceof Map<?, ?> content)
                    || !(content.get(REVOKED) instanceof Map<?, ?> revoked)) {
                throw new DecodeException("it lists no revoked tasks");
            }
            revoked.forEach((id, second) -> {
                if (second instanceof Long number) {
                    ids.put(String.valueOf(id), Instant.ofEpochSecond(number));
                }
            });
            if (content.get(STAMPS) instanceof List<?> rows) {
                for (var row : rows) {
                    if (row instanceof List<?> cells
                            && cells.size() == 3
                            && cells.get(0) instanceof String name
                            && cells.get(2) instanceof Long second) {
                        stamps.put(new Stamp(name, cells.get(1)), Instant.ofEpochSecond(second));
                    }
                }
            }
        } catch (IOException | DecodeException | DateTimeException e) {
            LOG.warn(
                    "the revoked tasks in {} cannot be read, and may run: {}",
                    source,
                    e.getMessage());
        }
    }

    synchronized void add(Target target) {
        switch (target) {
            case Target.Ids(var revoked) -> revoked.forEach(id -> add(ids, id));
            case Target.Stamps(var revoked) ->
                    revoked.forEach((name, values) ->
                            values.forEach(value -> add(stamps, new Stamp(name, value))));
        }
        forgetOld(ids);
        forgetOld(stamps);
        if (file != null) {
            write(file);
        }
    }

    private <K> void add(Map<K, Instant> revoked, K key) {
        revoked.remove(key);
        revoked.put(key, clock.instant());
    }

    private <K> void forgetOld(Map<K, Instant> revoked) {
        revoked.values().removeIf(this::isOld);
        var surplus = revoked.size() - MOST;
        revoked.keySet().stream().limit(Math.max(0, surplus)).toList().forEach(revoked::remove);
    }

    private boolean isOld(Instant time) {
        return time.isBefore(clock.instant().minus(REMEMBERED));
    }

    /// Into another file first, which then takes the place of the old one in a single step.
    private void write(Path target) {
        var seconds = new LinkedHashMap<String, Long>();
        ids.forEach((id, time) -> seconds.put(id, time.getEpochSecond()));
        var rows = new ArrayList<List<@Nullable Object>>();
        stamps.forEach((stamp, time) -> {
            var row = new ArrayList<@Nullable Object>();
            row.add(stamp.name);
            row.add(stamp.value);
            row.add(time.getEpochSecond());
            rows.add(row);
        });
        try {
            var fresh = target.resolveSibling(target.getFileName() + ".new");
            Files.write(fresh, JSON.write(Map.of(REVOKED, seconds, STAMPS, rows)));
            Files.move(
                    fresh,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | EncodeException e) {
            LOG.error("the revoked tasks cannot be kept in {}: {}", target, e.getMessage());
        }
    }

    /// The latest last.
    synchronized List<String> all() {
        return List.copyOf(ids.keySet());
    }

    synchronized boolean contains(TaskRequest request) {
        return isRevoked(ids.get(request.id())) || (!stamps.isEmpty() && hasRevokedStamp(request));
    }

    private boolean hasRevokedStamp(TaskRequest request) {
        return stamps.keySet().stream()
                .map(Stamp::name)
                .distinct()
                .flatMap(name ->
                        Revocation.valuesOf(request, name).stream()
                                .map(value -> new Stamp(name, value)))
                .anyMatch(stamp -> isRevoked(stamps.get(stamp)));
    }

    private boolean isRevoked(@Nullable Instant time) {
        return time != null && !isOld(time);
    }
}
