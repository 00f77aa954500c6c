package dev.muster.queue.events;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Something that happened on some node.
///
/// @param type such as `task-received` or `worker-heartbeat`
/// @param fields all that was told, as plain data, the fields below among them
public record Event(String type, Map<String, @Nullable Object> fields) {
    // Written out, because javac 25 loses the inner @Nullable of a compact constructor's parameter
    // in the class file.
    public Event(String type, Map<String, @Nullable Object> fields) {
        this.type = type;
        this.fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /// The node that it happened on; empty when it is not told.
    public String hostname() {
        return text("hostname").orElse("");
    }

    /// The task that it happened to.
    public Optional<String> taskId() {
        return text("uuid");
    }

    /// By the clock of the node, which may differ from that of others. Zero time when it is not
    /// told, or makes no sense.
    public Instant time() {
        return fields.get("timestamp") instanceof Number seconds
                        && seconds.doubleValue() >= 0
                        && seconds.doubleValue() < 1e11
                ? Instant.EPOCH.plus((long) (seconds.doubleValue() * 1e6), ChronoUnit.MICROS)
                : Instant.EPOCH;
    }

    /// The node's logical clock, by which events of many nodes are ordered; 0 when it is not told,
    /// or makes no sense.
    public long clock() {
        return LogicalClock.read(fields.get("clock")).orElse(0);
    }

    /// A field that is a text.
    public Optional<String> text(String field) {
        return fields.get(field) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /// A field that is a number.
    public Optional<Double> number(String field) {
        return fields.get(field) instanceof Number number
                ? Optional.of(number.doubleValue())
                : Optional.empty();
    }
}
