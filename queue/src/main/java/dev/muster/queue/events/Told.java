package dev.muster.queue.events;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is kept of an event: when it was, and those of its fields that are short enough to be shown
/// to people.
///
/// @param fields texts, numbers, booleans, and lists of numbers
record Told(Instant time, long clock, String node, Map<String, Object> fields) {
    /// Which of two events is the later one. Wall clocks come first, because the logical clock of a
    /// busy node is far ahead of that of an idle one, which hears nothing of it with the task; the
    /// logical clock decides within a millisecond of one node. What follows only makes the order
    /// total, so that it does not matter which of two comes first.
    static final Comparator<Told> ORDER =
            Comparator.comparing(Told::time)
                    .thenComparingLong(Told::clock)
                    .thenComparing(Told::node)
                    .thenComparing(told -> told.fields.toString());

    /// Longer than what a task of Celery tells of its arguments and its result.
    private static final int LONGEST_TEXT = 2_000;

    private static final int LONGEST_TRACEBACK = 10_000;
    private static final int MOST_FIELDS = 40;
    private static final int LONGEST_NAME = 64;
    private static final int MOST_ITEMS = 10;

    /// What all events have, and what is told by other means.
    private static final List<String> ENVELOPE =
            List.of("type", "uuid", "hostname", "timestamp", "clock", "utcoffset");

    static Told of(Event event) {
        var fields = new LinkedHashMap<String, Object>();
        event.fields()
                .forEach((name, value) -> {
                    if (fields.size() < MOST_FIELDS
                            && name.length() <= LONGEST_NAME
                            && !ENVELOPE.contains(name)) {
                        kept(name, value).ifPresent(kept -> fields.put(name, kept));
                    }
                });
        return new Told(
                event.time(), event.clock(), event.hostname(), Collections.unmodifiableMap(fields));
    }

    private static Optional<Object> kept(String name, @Nullable Object value) {
        return switch (value) {
            case String text ->
                    Optional.of(
                            cut(text, name.equals("traceback") ? LONGEST_TRACEBACK : LONGEST_TEXT));
            case Boolean flag -> Optional.of(flag);
            case Long number -> Optional.of(number);
            case Integer number -> Optional.of((long) number);
            case Double number when Double.isFinite(number) -> Optional.of(number);
            case List<?> list when list.size() <= MOST_ITEMS -> numbers(list);
            case null, default -> Optional.empty();
        };
    }

    private static Optional<Object> numbers(List<?> list) {
        var numbers = new ArrayList<Double>();
        for (var item : list) {
            if (!(item instanceof Number number) || !Double.isFinite(number.doubleValue())) {
                return Optional.empty();
            }
            numbers.add(number.doubleValue());
        }
        return Optional.of(List.copyOf(numbers));
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + "…";
    }

    Optional<String> text(String field) {
        return fields.get(field) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    Optional<Double> number(String field) {
        return fields.get(field) instanceof Number number
                ? Optional.of(number.doubleValue())
                : Optional.empty();
    }

    /// A count of something; empty when it is none.
    Optional<Long> count(String field) {
        return number(field)
                .filter(number -> number >= 0 && number < 1L << 53)
                .map(number -> (long) (double) number);
    }

    /// Roughly how many characters it holds.
    int size() {
        var size = node.length();
        for (var field : fields.entrySet()) {
            size += field.getKey().length();
            size += field.getValue() instanceof String text ? text.length() : 8;
        }
        return size;
    }
}
