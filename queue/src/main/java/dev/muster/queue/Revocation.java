package dev.muster.queue;

import dev.muster.queue.message.TaskRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// That tasks are not wanted any more (celery-wire 6.6).
///
/// @param terminate how to stop those that run; null to let them run
record Revocation(Target target, @Nullable Signal terminate) {
    /// Which tasks.
    sealed interface Target {
        /// Tasks by their ids.
        record Ids(List<String> ids) implements Target {
            public Ids {
                ids = List.copyOf(ids);
            }

            @Override
            public boolean includes(TaskRequest request) {
                return ids.contains(request.id());
            }
        }

        /// All tasks with one of these values under one of these names.
        ///
        /// @param stamps the values by name, as plain data
        record Stamps(Map<String, List<@Nullable Object>> stamps) implements Target {
            @Override
            public boolean includes(TaskRequest request) {
                return stamps.entrySet().stream()
                        .anyMatch(stamp ->
                                valuesOf(request, stamp.getKey()).stream()
                                        .anyMatch(stamp.getValue()::contains));
            }
        }

        boolean includes(TaskRequest request);
    }

    /// The command that tells it.
    String method() {
        return switch (target) {
            case Target.Ids _ -> "revoke";
            case Target.Stamps _ -> "revoke_by_stamped_headers";
        };
    }

    /// The arguments of that command (celery-wire 7.4).
    Map<String, Object> arguments() {
        var arguments = new LinkedHashMap<String, Object>();
        switch (target) {
            case Target.Ids(var ids) -> arguments.put("task_id", ids);
            case Target.Stamps(var stamps) -> arguments.put("headers", stamps);
        }
        arguments.put("terminate", terminate != null);
        arguments.put("signal", (terminate == null ? Signal.TERM : terminate).wireName());
        return arguments;
    }

    static Revocation ofIds(Collection<String> ids, @Nullable Signal terminate) {
        return new Revocation(new Target.Ids(List.copyOf(ids)), terminate);
    }

    /// The values of a stamp of a task. One that is a list has many.
    static List<@Nullable Object> valuesOf(TaskRequest request, String stamp) {
        return request.headers().get("stamps") instanceof Map<?, ?> stamps
                        && stamps.containsKey(stamp)
                ? each(stamps.get(stamp))
                : List.of();
    }

    /// The items of a list, or the value itself.
    static List<@Nullable Object> each(@Nullable Object value) {
        var values = new ArrayList<@Nullable Object>();
        if (value instanceof Collection<?> items) {
            items.forEach(item -> values.add(comparable(item)));
        } else {
            values.add(comparable(value));
        }
        return values;
    }

    /// Headers have whole numbers of all sizes, depending on how a broker keeps them.
    private static @Nullable Object comparable(@Nullable Object value) {
        return value instanceof Integer || value instanceof Short || value instanceof Byte
                ? (Object) ((Number) value).longValue()
                : value;
    }

    /// Stamps as a command has them: a map of names to a value or a list of values, or a list of
    /// texts `name=value`.
    static Map<String, List<@Nullable Object>> stamps(@Nullable Object given) {
        var stamps = new LinkedHashMap<String, List<@Nullable Object>>();
        switch (given) {
            case Map<?, ?> map ->
                    map.forEach((name, value) -> stamps.put(String.valueOf(name), each(value)));
            case List<?> texts -> {
                for (var text : texts) {
                    var parts = String.valueOf(text).split("=", 2);
                    if (parts.length == 2) {
                        stamps.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(parts[1]);
                    }
                }
            }
            case null, default -> {}
        }
        return stamps;
    }
}
