package dev.muster.queue.codec;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.State;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.temporal.Temporal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The outcome of a task as JSON, the way Celery's result stores keep it (celery-wire 4.2).
/// Thread-safe.
public final class ResultFormat {
    private static final String STATUS = "status";
    private static final String RESULT = "result";
    private static final String TRACEBACK = "traceback";
    private static final String CHILDREN = "children";
    private static final String DATE_DONE = "date_done";
    private static final String TASK_ID = "task_id";

    private final Json json;

    public ResultFormat(Json json) {
        this.json = json;
    }

    /// `children` is `[]` unless the record has its own.
    ///
    /// @throws EncodeException when the result is not data
    public byte[] write(ResultRecord result) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put(STATUS, result.state().name());
        fields.put(RESULT, result.result());
        fields.put(TRACEBACK, result.traceback());
        fields.put(CHILDREN, List.of());
        var dateDone = result.dateDone();
        fields.put(DATE_DONE, dateDone == null ? null : WireTime.format(dateDone));
        fields.put(TASK_ID, result.taskId());
        for (var other : result.others().entrySet()) {
            if (other.getKey().equals(CHILDREN) || !fields.containsKey(other.getKey())) {
                fields.put(other.getKey(), other.getValue());
            }
        }
        return json.write(fields);
    }

    /// Only `status` and `task_id` are required; a `date_done` without offset is UTC.
    ///
    /// @throws DecodeException when it is not JSON, or no record of a result
    public ResultRecord read(byte[] text) {
        if (!(json.read(text) instanceof Map<?, ?> map)) {
            throw new DecodeException("a result record must be a map");
        }
        var others = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((name, value) -> others.put((String) name, value));
        var taskId = text(TASK_ID, others.remove(TASK_ID));
        var status = text(STATUS, others.remove(STATUS));
        var traceback = others.remove(TRACEBACK);
        var result = others.remove(RESULT);
        var dateDone = others.remove(DATE_DONE);
        return new ResultRecord(
                taskId,
                state(status),
                result,
                traceback == null ? null : text(TRACEBACK, traceback),
                dateDone == null ? null : instant(dateDone),
                others);
    }

    private static State state(String status) {
        try {
            return new State(status);
        } catch (IllegalArgumentException e) {
            throw new DecodeException("a result record with a bad status: " + e.getMessage(), e);
        }
    }

    private static Instant instant(Object dateDone) {
        return switch (dateDone) {
            case String text -> WireTime.parse(text);
            case OffsetDateTime _, LocalDateTime _, LocalDate _ ->
                    WireTime.toInstant((Temporal) dateDone);
            default ->
                    throw new DecodeException(
                            "date_done of a result record must be a string, was "
                                    + Scalars.describe(dateDone));
        };
    }

    private static String text(String field, @Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new DecodeException(
                "%s of a result record must be a string, was %s"
                        .formatted(field, Scalars.describe(value)));
    }
}
