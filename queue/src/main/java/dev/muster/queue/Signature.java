package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call of a task as a value: its name, its arguments, and how to send it. Immutable; each method
/// that changes something returns a changed copy, so a signature can be kept, shared, and sent many
/// times.
///
/// @param <R> what the task returns
public final class Signature<R extends @Nullable Object> {
    private final String task;
    private final List<@Nullable Object> args;
    private final Map<String, @Nullable Object> kwargs;
    private final Type resultType;
    private final Map<Option<?>, Object> options;

    private Signature(
            String task,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> kwargs,
            Type resultType,
            Map<Option<?>, Object> options) {
        if (task.isBlank()) {
            throw new MusterException("a task needs a name");
        }
        this.task = task;
        this.args = args;
        this.kwargs = kwargs;
        this.resultType = resultType;
        this.options = options;
    }

    static Signature<@Nullable Object> of(String task, @Nullable Object... args) {
        return new Signature<@Nullable Object>(
                task, immutable(args), Map.of(), Object.class, Map.of());
    }

    static <R extends @Nullable Object> Signature<R> of(
            TaskReference<R> reference, @Nullable Object... args) {
        var definition = TaskLookup.definitionOf(reference);
        return new Signature<>(
                definition.name(),
                immutable(args),
                Map.of(),
                definition.resultType(),
                definition.options());
    }

    private static List<@Nullable Object> immutable(@Nullable Object... values) {
        var list = new ArrayList<@Nullable Object>(values.length);
        for (var value : values) {
            list.add(value);
        }
        return Collections.unmodifiableList(list);
    }

    /// The task's name on the wire.
    public String task() {
        return task;
    }

    /// The positional arguments.
    public List<@Nullable Object> args() {
        return args;
    }

    /// The keyword arguments.
    public Map<String, @Nullable Object> kwargs() {
        return kwargs;
    }

    Type resultType() {
        return resultType;
    }

    <T> Optional<T> option(Option<T> option) {
        return Optional.ofNullable(option.type().cast(options.get(option)));
    }

    Map<Option<?>, Object> options() {
        return options;
    }

    private <T> Signature<R> with(Option<T> option, T value) {
        var changed = new LinkedHashMap<>(options);
        changed.put(option, Objects.requireNonNull(value, option.name()));
        return new Signature<>(
                task, args, kwargs, resultType, Collections.unmodifiableMap(changed));
    }

    /// Options that are not set take these values.
    Signature<R> withDefaults(Map<Option<?>, Object> defaults) {
        if (options.keySet().containsAll(defaults.keySet())) {
            return this;
        }
        var changed = new LinkedHashMap<>(defaults);
        changed.putAll(options);
        return new Signature<>(
                task, args, kwargs, resultType, Collections.unmodifiableMap(changed));
    }

    /// Adds a keyword argument.
    public Signature<R> kwarg(String name, @Nullable Object value) {
        var changed = new LinkedHashMap<>(kwargs);
        changed.put(name, value);
        return new Signature<>(
                task, args, Collections.unmodifiableMap(changed), resultType, options);
    }

    /// Adds keyword arguments.
    public Signature<R> kwargs(Map<String, ? extends @Nullable Object> values) {
        var changed = new LinkedHashMap<>(kwargs);
        changed.putAll(values);
        return new Signature<>(
                task, args, Collections.unmodifiableMap(changed), resultType, options);
    }

    /// Adds positional arguments behind those that are there.
    public Signature<R> args(List<? extends @Nullable Object> values) {
        var changed = new ArrayList<>(args);
        changed.addAll(values);
        return new Signature<>(
                task, Collections.unmodifiableList(changed), kwargs, resultType, options);
    }

    /// Says what the task returns, for a task called by name.
    public <T> Signature<T> returning(Class<T> type) {
        return new Signature<>(task, args, kwargs, type, options);
    }

    /// Says what the task returns when that is a generic type: `returning(new
    /// TypeRef<List<Integer>>() {})`.
    public <T> Signature<T> returning(TypeRef<T> type) {
        return new Signature<>(task, args, kwargs, type.type(), options);
    }

    /// Gives the call its id; by default each send makes a new random UUID. Ids are compared as
    /// text.
    public Signature<R> id(String id) {
        return with(Option.TASK_ID, id);
    }

    /// Sends to this queue instead of the task's own.
    public Signature<R> queue(String name) {
        return with(Option.QUEUE, name);
    }

    /// Publishes to this exchange, with the routing key, instead of through a queue's own exchange.
    public Signature<R> exchange(String name) {
        return with(Option.EXCHANGE, name);
    }

    public Signature<R> routingKey(String key) {
        return with(Option.ROUTING_KEY, key);
    }

    /// The message's priority, 0 to 255. RabbitMQ and SQL serve larger numbers first, Redis smaller
    /// ones.
    public Signature<R> priority(int priority) {
        if (priority < 0 || priority > 255) {
            throw new IllegalArgumentException("priority must be from 0 to 255, was " + priority);
        }
        return with(Option.PRIORITY, priority);
    }

    /// Not to be started before this time from sending on has passed. Where the broker can (all but
    /// classic queues of RabbitMQ), it keeps the message until then; elsewhere a worker does.
    public Signature<R> countdown(Duration delay) {
        return with(Option.ETA, new Moment.After(delay));
    }

    /// Not to be started before this instant; one that has passed means now. For a local time, say
    /// in which zone it is meant: `time.atZone(ZoneId.of("Europe/Berlin")).toInstant()`.
    public Signature<R> eta(Instant instant) {
        return with(Option.ETA, new Moment.At(instant));
    }

    /// After this time from sending on, the task is not started any more; it ends as REVOKED.
    public Signature<R> expires(Duration delay) {
        return with(Option.EXPIRES, new Moment.After(delay));
    }

    /// From this instant on, the task is not started any more; it ends as REVOKED.
    public Signature<R> expires(Instant instant) {
        return with(Option.EXPIRES, new Moment.At(instant));
    }

    /// After this time a worker gives the running task up.
    public Signature<R> timeLimit(Duration limit) {
        return with(Option.TIME_LIMIT, seconds(limit));
    }

    /// After this time a worker interrupts the running task, so that it can clean up and end.
    public Signature<R> softTimeLimit(Duration limit) {
        return with(Option.SOFT_TIME_LIMIT, seconds(limit));
    }

    private static double seconds(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException("a time limit must be > 0, was " + limit);
        }
        return limit.toMillis() / 1000.0;
    }

    /// Whether the outcome is not stored. Its result can then not be waited for.
    public Signature<R> ignoreResult(boolean ignore) {
        return with(Option.IGNORE_RESULT, ignore);
    }

    /// How the arguments are written: `json`, `msgpack` or `yaml`.
    public Signature<R> serializer(String name) {
        return with(Option.SERIALIZER, name);
    }

    /// How the message body is compressed: `gzip`, `zlib` or `bzip2`.
    public Signature<R> compression(String name) {
        return with(Option.COMPRESSION, name);
    }

    /// Adds a header that the task sees.
    public Signature<R> header(String name, @Nullable Object value) {
        var headers =
                new LinkedHashMap<String, @Nullable Object>(
                        option(Option.HEADERS).map(Headers::values).orElse(Map.of()));
        headers.put(name, value);
        return with(Option.HEADERS, new Headers(headers));
    }

    /// What the call would look like in a log: the name, and the number of arguments, which are the
    /// user's data.
    @Override
    public String toString() {
        return "%s(%d arguments)".formatted(task, args.size() + kwargs.size());
    }

    /// One thing that can be said about how a signature is sent.
    record Option<T>(String name, Class<T> type) {
        static final Option<String> TASK_ID = new Option<>("task_id", String.class);
        static final Option<String> QUEUE = new Option<>("queue", String.class);
        static final Option<String> EXCHANGE = new Option<>("exchange", String.class);
        static final Option<String> ROUTING_KEY = new Option<>("routing_key", String.class);
        static final Option<Integer> PRIORITY = new Option<>("priority", Integer.class);
        static final Option<Moment> ETA = new Option<>("eta", Moment.class);
        static final Option<Moment> EXPIRES = new Option<>("expires", Moment.class);
        static final Option<Double> TIME_LIMIT = new Option<>("time_limit", Double.class);
        static final Option<Double> SOFT_TIME_LIMIT = new Option<>("soft_time_limit", Double.class);
        static final Option<Boolean> IGNORE_RESULT = new Option<>("ignore_result", Boolean.class);
        static final Option<String> SERIALIZER = new Option<>("serializer", String.class);
        static final Option<String> COMPRESSION = new Option<>("compression", String.class);
        static final Option<Headers> HEADERS = new Option<>("headers", Headers.class);
    }

    /// The user's own headers.
    record Headers(Map<String, @Nullable Object> values) {
        Headers {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }
    }
}
