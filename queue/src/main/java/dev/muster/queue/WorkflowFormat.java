package dev.muster.queue;

import dev.muster.queue.Signature.Body;
import dev.muster.queue.Signature.Headers;
import dev.muster.queue.Signature.Links;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.Signature.Stamps;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.WireTime;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Workflows in the dictionary form of Celery's canvas (celery-wire 5.1, 5.2), nested to any depth.
///
/// Options that are not known here are kept as they are, and written again.
final class WorkflowFormat {
    private static final String TASK = "task";
    private static final String ARGS = "args";
    private static final String KWARGS = "kwargs";
    private static final String OPTIONS = "options";
    private static final String TYPE = "subtask_type";
    private static final String IMMUTABLE = "immutable";
    private static final String TASKS = "tasks";
    private static final String HEADER = "header";
    private static final String BODY = "body";
    private static final String COUNTDOWN = "countdown";

    /// Options of one type that stand in the dictionary as they are.
    private static final List<Option<String>> TEXTS =
            List.of(
                    Option.TASK_ID,
                    Option.QUEUE,
                    Option.EXCHANGE,
                    Option.ROUTING_KEY,
                    Option.SERIALIZER,
                    Option.COMPRESSION,
                    Option.SHADOW,
                    Option.GROUP_ID,
                    Option.ROOT_ID,
                    Option.PARENT_ID,
                    Option.REPLY_TO);

    private static final List<Option<Integer>> NUMBERS =
            List.of(Option.PRIORITY, Option.GROUP_INDEX, Option.NESTING);

    private WorkflowFormat() {}

    static Map<String, @Nullable Object> write(Workflow<?> workflow) {
        return switch (workflow) {
            case Signature<?> call ->
                    dictionary(
                            call.task(),
                            call.args(),
                            call.kwargs(),
                            call.options(),
                            null,
                            call.isImmutable());
            case Chain<?> chain -> composite("chain", tasks(chain.steps()), chain.options());
            case Group<?> group -> composite("group", tasks(group.members()), group.options());
            case Chord<?> chord -> {
                var kwargs = new LinkedHashMap<String, @Nullable Object>();
                kwargs.put(KWARGS, Map.of());
                kwargs.put(HEADER, write(chord.header()));
                kwargs.put(BODY, write(chord.body()));
                yield composite("chord", kwargs, chord.options());
            }
        };
    }

    static List<@Nullable Object> writeAll(List<Workflow<?>> workflows) {
        var written = new ArrayList<@Nullable Object>(workflows.size());
        workflows.forEach(workflow -> written.add(write(workflow)));
        return written;
    }

    private static Map<String, @Nullable Object> tasks(List<Workflow<?>> workflows) {
        var kwargs = new LinkedHashMap<String, @Nullable Object>();
        kwargs.put(TASKS, writeAll(workflows));
        return kwargs;
    }

    private static Map<String, @Nullable Object> composite(
            String type, Map<String, @Nullable Object> kwargs, Map<Option<?>, Object> options) {
        return dictionary("celery." + type, List.of(), kwargs, options, type, false);
    }

    private static Map<String, @Nullable Object> dictionary(
            String task,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> kwargs,
            Map<Option<?>, Object> options,
            @Nullable String type,
            boolean immutable) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put(TASK, task);
        map.put(ARGS, args);
        map.put(KWARGS, kwargs);
        var written = new LinkedHashMap<String, @Nullable Object>();
        options.forEach((option, value) -> writeOption(option.name(), value, written));
        map.put(OPTIONS, written);
        map.put(TYPE, type);
        map.put(IMMUTABLE, immutable);
        return map;
    }

    private static void writeOption(
            String name, Object value, Map<String, @Nullable Object> written) {
        switch (value) {
            case Links(var workflows) -> written.put(name, writeAll(workflows));
            case Body(var workflow) -> written.put(name, write(workflow));
            case Headers(var values) -> written.put(name, values);
            case Stamps(var values) -> {
                written.put(name, List.copyOf(values.keySet()));
                written.putAll(values);
            }
            case Moment.At(var instant) -> written.put(name, WireTime.format(instant));
            case Moment.After(var delay) ->
                    written.put(
                            name.equals(Option.ETA.name()) ? COUNTDOWN : name,
                            delay.toNanos() / (double) TimeUnit.SECONDS.toNanos(1));
            // Decided where a call is sent.
            case Task.Unique _, UniqueKey _ -> {}
            default -> written.put(name, value);
        }
    }

    /// @throws DecodeException when it is no workflow
    static Workflow<@Nullable Object> read(@Nullable Object plain) {
        var fields = map("a signature", plain);
        var task = text(TASK, fields.get(TASK));
        var kwargs = map(KWARGS, fields.get(KWARGS));
        var args = list(ARGS, fields.get(ARGS));
        var options = options(map(OPTIONS, fields.get(OPTIONS)));
        var type = fields.get(TYPE) == null ? "" : text(TYPE, fields.get(TYPE));
        return switch (type) {
            case "" ->
                    Signature.read(
                            task,
                            args,
                            kwargs,
                            options,
                            flag(IMMUTABLE, fields.get(IMMUTABLE)).orElse(false));
            case "chain" -> chain(readAll(TASKS, kwargs.get(TASKS)), args, options);
            case "group" -> erased(new Group<>(readAll(TASKS, kwargs.get(TASKS)), options));
            case "chord" ->
                    new Chord<>(header(kwargs.get(HEADER)), read(kwargs.get(BODY)), options);
            case "chunks" -> erased(chunks(kwargs, options));
            default ->
                    throw new DecodeException(
                            "a signature of type '%s' is unknown; there are chain, group, chord and chunks"
                                    .formatted(type));
        };
    }

    /// The types of what is read are not known.
    @SuppressWarnings("unchecked")
    private static Workflow<@Nullable Object> erased(Workflow<?> workflow) {
        return (Workflow<@Nullable Object>) workflow;
    }

    private static Workflow<@Nullable Object> chain(
            List<Workflow<?>> steps, List<@Nullable Object> args, Map<Option<?>, Object> options) {
        if (args.isEmpty() || steps.isEmpty()) {
            return new Chain<>(steps, options);
        }
        var changed = new ArrayList<>(steps);
        changed.set(0, steps.getFirst().withFirst(call -> call.prepended(args)));
        return new Chain<>(changed, options);
    }

    /// Celery writes a header as a list, or as a group.
    static Group<?> header(@Nullable Object plain) {
        if (plain instanceof List<?>) {
            return new Group<>(readAll(HEADER, plain), Map.of());
        }
        Workflow<?> workflow = read(plain);
        return switch (workflow) {
            case Group<?> group -> group;
            case Chain<?> chain -> new Group<>(chain.steps(), Map.of());
            case Workflow<?> single -> new Group<>(List.of(single), Map.of());
        };
    }

    private static Group<?> chunks(
            Map<String, @Nullable Object> kwargs, Map<Option<?>, Object> options) {
        if (!(read(kwargs.get(TASK)) instanceof Signature<?> call)) {
            throw new DecodeException("chunks are made of calls of a single task");
        }
        var size =
                kwargs.get("n") instanceof Number number && number.intValue() > 0
                        ? number.intValue()
                        : 1;
        var items = new ArrayList<List<@Nullable Object>>();
        for (var item : list("it", kwargs.get("it"))) {
            items.add(list("it", item));
        }
        return Canvas.chunks(call, items, size).withOptions(options);
    }

    static List<Workflow<?>> readAll(String name, @Nullable Object plain) {
        var workflows = new ArrayList<Workflow<?>>();
        for (var item : list(name, plain)) {
            workflows.add(read(item));
        }
        return workflows;
    }

    private static Map<Option<?>, Object> options(Map<String, @Nullable Object> plain) {
        var options = new LinkedHashMap<Option<?>, Object>();
        var rest = new LinkedHashMap<String, @Nullable Object>(plain);
        // In Celery an option that is null is one that is not there.
        rest.values().removeIf(Objects::isNull);
        for (var option : TEXTS) {
            take(rest, option.name())
                    .ifPresent(value -> options.put(option, text(option.name(), value)));
        }
        for (var option : NUMBERS) {
            take(rest, option.name())
                    .ifPresent(
                            value -> options.put(option, number(option.name(), value).intValue()));
        }
        for (var option : List.of(Option.TIME_LIMIT, Option.SOFT_TIME_LIMIT)) {
            take(rest, option.name())
                    .ifPresent(value ->
                            options.put(option, number(option.name(), value).doubleValue()));
        }
        for (var option : List.of(Option.LINK, Option.LINK_ERROR, Option.CHAIN)) {
            take(rest, option.name())
                    .ifPresent(value -> options.put(option, links(option.name(), value)));
        }
        take(rest, Option.CHORD.name())
                .ifPresent(value -> options.put(Option.CHORD, new Body(read(value))));
        take(rest, Option.HEADERS.name())
                .ifPresent(value ->
                        options.put(
                                Option.HEADERS, new Headers(map(Option.HEADERS.name(), value))));
        take(rest, Option.IGNORE_RESULT.name())
                .flatMap(value -> flag(Option.IGNORE_RESULT.name(), value))
                .ifPresent(value -> options.put(Option.IGNORE_RESULT, value));
        take(rest, COUNTDOWN)
                .ifPresent(value ->
                        options.put(
                                Option.ETA, new Moment.After(seconds(number(COUNTDOWN, value)))));
        for (var option : List.of(Option.ETA, Option.EXPIRES)) {
            take(rest, option.name()).ifPresent(value -> options.put(option, moment(value)));
        }
        take(rest, Option.STAMPS.name())
                .ifPresent(names -> options.put(Option.STAMPS, stamps(names, rest)));
        rest.forEach((name, value) ->
                options.put(new Option<>(name, Object.class), Objects.requireNonNull(value)));
        return options;
    }

    private static Optional<Object> take(Map<String, @Nullable Object> rest, String name) {
        return Optional.ofNullable(rest.remove(name));
    }

    private static Links links(String name, Object value) {
        return new Links(value instanceof List<?> ? readAll(name, value) : List.of(read(value)));
    }

    private static Moment moment(Object value) {
        return switch (value) {
            case Number seconds -> new Moment.After(seconds(seconds));
            case String text -> new Moment.At(WireTime.parse(text));
            case OffsetDateTime time -> new Moment.At(time.toInstant());
            case LocalDateTime time -> new Moment.At(time.toInstant(ZoneOffset.UTC));
            default -> throw wrong("a time", "text or seconds", value);
        };
    }

    private static Duration seconds(Number seconds) {
        return Duration.ofNanos(Math.round(seconds.doubleValue() * TimeUnit.SECONDS.toNanos(1)));
    }

    private static Stamps stamps(Object names, Map<String, @Nullable Object> rest) {
        var stamps = new LinkedHashMap<String, @Nullable Object>();
        for (var name : list(Option.STAMPS.name(), names)) {
            var key = text("a stamp", name);
            stamps.put(key, rest.remove(key));
        }
        return new Stamps(stamps);
    }

    private static String text(String name, @Nullable Object value) {
        if (value instanceof String text && !text.isBlank()) {
            return text;
        }
        throw wrong(name, "text", value);
    }

    private static Number number(String name, @Nullable Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw wrong(name, "a number", value);
    }

    private static Optional<Boolean> flag(String name, @Nullable Object value) {
        return switch (value) {
            case null -> Optional.empty();
            case Boolean flag -> Optional.of(flag);
            default -> throw wrong(name, "true or false", value);
        };
    }

    private static List<@Nullable Object> list(String name, @Nullable Object value) {
        return switch (value) {
            case null -> new ArrayList<>();
            case List<?> items -> new ArrayList<>(items);
            default -> throw wrong(name, "a list", value);
        };
    }

    private static Map<String, @Nullable Object> map(String name, @Nullable Object value) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        switch (value) {
            case null -> {
                if (!name.equals(KWARGS) && !name.equals(OPTIONS)) {
                    throw wrong(name, "a map", null);
                }
            }
            case Map<?, ?> entries ->
                    entries.forEach((key, item) -> map.put(String.valueOf(key), item));
            default -> throw wrong(name, "a map", value);
        }
        return map;
    }

    private static DecodeException wrong(String name, String expected, @Nullable Object found) {
        return new DecodeException(
                "'%s' should be %s, but is %s"
                        .formatted(
                                name,
                                expected,
                                found == null
                                        ? "missing"
                                        : "a " + found.getClass().getSimpleName()));
    }
}
