package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.WireTime;
import dev.muster.queue.schedule.Interval;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.ScheduleFormat;
import dev.muster.queue.spi.ScheduleRecord;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Entries of a schedule as plain data, in Celery's shape of `beat_schedule` (celery-wire 9.1):
/// `task`, `schedule`, `args`, `kwargs`, `options`, `relative`, and our own `missed` and `jitter`.
/// In a store their past stands beside.
final class EntryFormat {
    private static final String SCHEDULE = "schedule";
    private static final String RELATIVE = "relative";
    private static final String MISSED = "missed";
    private static final String JITTER = "jitter";
    private static final Set<String> CALL = Set.of("task", "args", "kwargs", "options");
    private static final Set<String> FIELDS =
            Set.of("task", "args", "kwargs", "options", SCHEDULE, RELATIVE, MISSED, JITTER);

    private static final String CONFIGURED = "configured";
    private static final String PAUSED = "paused";
    private static final String LAST_RUN = "last_run_at";
    private static final String RUNS = "total_run_count";
    private static final String PENDING = "pending";
    private static final Json JSON = new Json(true);

    private EntryFormat() {}

    /// @throws IllegalArgumentException when it is no entry, or has a field that is unknown
    static ScheduleEntry readConfigured(String name, Object plain) {
        if (!(plain instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("it should be a map with 'task' and 'schedule'");
        }
        for (var field : map.keySet()) {
            if (!FIELDS.contains(String.valueOf(field))) {
                throw new IllegalArgumentException(
                        "'%s' is unknown; did you mean '%s'?"
                                .formatted(field, Settings.nearest(String.valueOf(field), FIELDS)));
            }
        }
        return read(name, map);
    }

    private static ScheduleEntry read(String name, Map<?, ?> map) {
        var planned = map.get(SCHEDULE);
        if (planned == null) {
            throw new IllegalArgumentException("'schedule' is missing: when is it to run?");
        }
        var schedule = ScheduleFormat.read(planned);
        if (Boolean.TRUE.equals(map.get(RELATIVE)) && schedule instanceof Interval interval) {
            schedule = interval.rounded();
        }
        var call = new LinkedHashMap<String, @Nullable Object>();
        CALL.forEach(field -> call.put(field, map.get(field)));
        try {
            return new ScheduleEntry(
                    name,
                    schedule,
                    (Signature<?>) WorkflowFormat.read(call),
                    Optional.ofNullable(map.get(MISSED))
                            .map(EntryFormat::missed)
                            .orElse(MissedRuns.ONCE),
                    Optional.ofNullable(map.get(JITTER))
                            .map(ScheduleFormat::duration)
                            .orElse(Duration.ZERO));
        } catch (DecodeException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    static MissedRuns missed(Object text) {
        for (var value : MissedRuns.values()) {
            if (value.name().equalsIgnoreCase(text.toString())) {
                return value;
            }
        }
        throw new IllegalArgumentException(
                "missed runs are made up for 'once', 'all' or are left out, 'skip'; was '%s'"
                        .formatted(text));
    }

    /// @throws DecodeException when the record is none of ours
    static StoredEntry read(ScheduleRecord record) {
        try {
            if (JSON.read(record.document()) instanceof Map<?, ?> map
                    && map.get(LAST_RUN) instanceof String lastRun
                    && map.get(RUNS) instanceof Long runs) {
                return new StoredEntry(
                        read(record.name(), map),
                        record.version(),
                        Boolean.TRUE.equals(map.get(CONFIGURED)),
                        Boolean.TRUE.equals(map.get(PAUSED)),
                        WireTime.parse(lastRun),
                        runs,
                        Optional.ofNullable(map.get(PENDING)).map(Object::toString));
            }
            throw new IllegalArgumentException("it has no last run");
        } catch (IllegalArgumentException e) {
            throw new DecodeException(
                    "entry '%s' of the schedule: %s".formatted(record.name(), e.getMessage()), e);
        }
    }

    static String write(StoredEntry stored) {
        var map = definition(stored.entry());
        map.put(CONFIGURED, stored.isConfigured());
        map.put(PAUSED, stored.isPaused());
        map.put(LAST_RUN, WireTime.format(stored.lastRun()));
        map.put(RUNS, stored.runs());
        stored.pending().ifPresent(id -> map.put(PENDING, id));
        return JSON.writeText(map);
    }

    /// Whether two entries would be kept alike; what was read from a store has lost the Java types
    /// of its arguments.
    static boolean isSame(ScheduleEntry one, ScheduleEntry other) {
        return plain(one).equals(plain(other));
    }

    private static Map<?, ?> plain(ScheduleEntry entry) {
        return (Map<?, ?>) Objects.requireNonNull(JSON.read(JSON.writeText(definition(entry))));
    }

    private static Map<String, @Nullable Object> definition(ScheduleEntry entry) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        var call = WorkflowFormat.write(entry.call());
        map.put("task", entry.call().task());
        map.put(SCHEDULE, ScheduleFormat.write(entry.schedule()));
        map.put("args", call.get("args"));
        map.put("kwargs", call.get("kwargs"));
        map.put("options", Objects.requireNonNull(call.get("options")));
        map.put(MISSED, entry.missed().name().toLowerCase(Locale.ROOT));
        if (!entry.jitter().isZero()) {
            map.put(JITTER, ScheduleFormat.text(entry.jitter()));
        }
        return map;
    }
}
