package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A call of a task as a value: its name, its arguments, and how to send it. The simplest
/// [Workflow]. Immutable; each method that changes something returns a changed copy, so a signature
/// can be kept, shared, and sent many times.
///
/// A call of a method is complete: what comes before it in a workflow gives it nothing. A call by
/// name is open, until [#immutable()] closes it: the value of what comes before becomes its first
/// argument, the id of what failed if it is an error callback.
///
/// @param <R> what the task returns
public final class Signature<R extends @Nullable Object> extends Workflow<R> {
    private final String task;
    private final List<@Nullable Object> args;
    private final Map<String, @Nullable Object> kwargs;
    private final Type resultType;
    private final Map<Option<?>, Object> options;
    private final boolean isImmutable;

    private Signature(
            String task,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> kwargs,
            Type resultType,
            Map<Option<?>, Object> options,
            boolean isImmutable) {
        if (task.isBlank()) {
            throw new MusterException("a task needs a name");
        }
        this.task = task;
        this.args = args;
        this.kwargs = kwargs;
        this.resultType = resultType;
        this.options = options;
        this.isImmutable = isImmutable;
    }

    static Signature<@Nullable Object> of(String task, @Nullable Object... args) {
        return new Signature<@Nullable Object>(
                task, immutable(args), Map.of(), Object.class, Map.of(), false);
    }

    /// A complete call.
    static <R extends @Nullable Object> Signature<R> of(
            TaskReference<R> reference, @Nullable Object... args) {
        return Signature.<R>open(reference, args).immutable();
    }

    /// A call that lacks its first argument.
    static <R extends @Nullable Object> Signature<R> open(
            TaskReference<R> reference, @Nullable Object... args) {
        var definition = TaskLookup.definitionOf(reference);
        return new Signature<>(
                definition.name(),
                immutable(args),
                Map.of(),
                definition.resultType(),
                definition.options(),
                false);
    }

    /// A call of the task that returns its only argument, the list of a group's values.
    static Signature<@Nullable Object> gathering(String task, Type type) {
        return new Signature<@Nullable Object>(
                task, List.of(), Map.of("index", 0), type, Map.of(), false);
    }

    /// A call of one of the tasks that run another one for each item.
    static <R extends @Nullable Object> Signature<List<R>> mapping(
            String task, Signature<R> mapped, List<? extends @Nullable Object> items) {
        var kwargs = new LinkedHashMap<String, @Nullable Object>();
        kwargs.put("task", WorkflowFormat.write(mapped));
        kwargs.put("it", Collections.unmodifiableList(new ArrayList<>(items)));
        var options = new LinkedHashMap<>(mapped.options());
        // Not the items, but calls of the task are unique.
        options.keySet().removeAll(Set.of(Option.UNIQUE, Option.UNIQUE_KEY));
        return new Signature<>(
                task, List.of(), kwargs, Group.listOf(mapped.resultType()), options, true);
    }

    /// As it was read from a dictionary.
    static Signature<@Nullable Object> read(
            String task,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> kwargs,
            Map<Option<?>, Object> options,
            boolean isImmutable) {
        return new Signature<@Nullable Object>(
                task,
                Collections.unmodifiableList(args),
                Collections.unmodifiableMap(kwargs),
                Object.class,
                Collections.unmodifiableMap(options),
                isImmutable);
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

    @Override
    Type resultType() {
        return resultType;
    }

    @Override
    Map<Option<?>, Object> options() {
        return options;
    }

    @Override
    Signature<R> withOptions(Map<Option<?>, Object> changed) {
        return new Signature<>(
                task,
                args,
                kwargs,
                resultType,
                Collections.unmodifiableMap(new LinkedHashMap<>(changed)),
                isImmutable);
    }

    @Override
    <T> Signature<R> with(Option<T> option, T value) {
        return (Signature<R>) super.with(option, value);
    }

    /// With these arguments before its own, unless it is complete.
    Signature<R> prepended(List<? extends @Nullable Object> values) {
        if (isImmutable || values.isEmpty()) {
            return this;
        }
        var changed = new ArrayList<@Nullable Object>(values);
        changed.addAll(args);
        return new Signature<>(
                task, Collections.unmodifiableList(changed), kwargs, resultType, options, false);
    }

    /// Whether it takes nothing from what comes before it in a workflow.
    public boolean isImmutable() {
        return isImmutable;
    }

    /// Closes the call: it takes nothing from what comes before it in a workflow.
    public Signature<R> immutable() {
        return new Signature<>(task, args, kwargs, resultType, options, true);
    }

    /// Options that are not set take these values.
    Signature<R> withDefaults(Map<Option<?>, Object> defaults) {
        if (options.keySet().containsAll(defaults.keySet())) {
            return this;
        }
        var changed = new LinkedHashMap<>(defaults);
        changed.putAll(options);
        return withOptions(changed);
    }

    /// Adds a keyword argument.
    public Signature<R> kwarg(String name, @Nullable Object value) {
        var changed = new LinkedHashMap<>(kwargs);
        changed.put(name, value);
        return new Signature<>(
                task, args, Collections.unmodifiableMap(changed), resultType, options, isImmutable);
    }

    /// Adds keyword arguments.
    public Signature<R> kwargs(Map<String, ? extends @Nullable Object> values) {
        var changed = new LinkedHashMap<>(kwargs);
        changed.putAll(values);
        return new Signature<>(
                task, args, Collections.unmodifiableMap(changed), resultType, options, isImmutable);
    }

    /// Adds positional arguments behind those that are there.
    public Signature<R> args(List<? extends @Nullable Object> values) {
        var changed = new ArrayList<>(args);
        changed.addAll(values);
        return new Signature<>(
                task,
                Collections.unmodifiableList(changed),
                kwargs,
                resultType,
                options,
                isImmutable);
    }

    /// Says what the task returns, for a task called by name.
    public <T> Signature<T> returning(Class<T> type) {
        return new Signature<>(task, args, kwargs, type, options, isImmutable);
    }

    /// Says what the task returns when that is a generic type: `returning(new
    /// TypeRef<List<Integer>>() {})`.
    public <T> Signature<T> returning(TypeRef<T> type) {
        return new Signature<>(task, args, kwargs, type.type(), options, isImmutable);
    }

    /// Gives the call its id; by default each send makes a new random UUID. Ids are compared as
    /// text.
    @Override
    public Signature<R> id(String id) {
        return with(Option.TASK_ID, id);
    }

    /// Sends to this queue instead of the task's own.
    @Override
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
    @Override
    public Signature<R> priority(int priority) {
        if (priority < 0 || priority > 255) {
            throw new IllegalArgumentException("priority must be from 0 to 255, was " + priority);
        }
        return with(Option.PRIORITY, priority);
    }

    /// Not to be started before this time from sending on has passed. Where the broker can (all but
    /// classic queues of RabbitMQ), it keeps the message until then; elsewhere a worker does.
    @Override
    public Signature<R> countdown(Duration delay) {
        return with(Option.ETA, new Moment.After(delay));
    }

    /// Not to be started before this instant; one that has passed means now. For a local time, say
    /// in which zone it is meant: `time.atZone(ZoneId.of("Europe/Berlin")).toInstant()`.
    @Override
    public Signature<R> eta(Instant instant) {
        return with(Option.ETA, new Moment.At(instant));
    }

    /// After this time from sending on, the task is not started any more; it ends as REVOKED.
    @Override
    public Signature<R> expires(Duration delay) {
        return with(Option.EXPIRES, new Moment.After(delay));
    }

    /// From this instant on, the task is not started any more; it ends as REVOKED.
    @Override
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

    boolean ignoresResult(Settings settings) {
        return option(Option.IGNORE_RESULT)
                .orElseGet(() -> settings.get(Setting.TASK_IGNORE_RESULT));
    }

    /// How the arguments are written: `json`, `msgpack` or `yaml`.
    @Override
    public Signature<R> serializer(String name) {
        return with(Option.SERIALIZER, name);
    }

    /// How the message body is compressed: `gzip`, `zlib` or `bzip2`.
    @Override
    public Signature<R> compression(String name) {
        return with(Option.COMPRESSION, name);
    }

    /// Adds a header that the task sees.
    @Override
    public Signature<R> header(String name, @Nullable Object value) {
        var headers =
                new LinkedHashMap<String, @Nullable Object>(
                        option(Option.HEADERS).map(Headers::values).orElse(Map.of()));
        headers.put(name, value);
        return with(Option.HEADERS, new Headers(headers));
    }

    /// What becomes of the call while an equal one waits or runs, instead of [Task#unique()].
    public Signature<R> unique(Task.Unique unique) {
        return with(Option.UNIQUE, unique);
    }

    /// Gives the call a key under which it succeeds once only: when a call of the same task with
    /// the same key has succeeded, be it this one which is delivered again, or another, its value
    /// is the result, as long as results are kept, and the task does not run. While another runs,
    /// it waits. What has failed may run again.
    ///
    /// The key travels in the header `idempotency_key`, so a Python client can set it, too. Java
    /// workers heed it, with a result store that keeps claims: Redis, SQL, or memory.
    ///
    /// @param key unique among the calls of the task, such as the number of an order
    public Signature<R> idempotencyKey(String key) {
        if (key.isBlank()) {
            throw new IllegalArgumentException("an idempotency key must not be blank");
        }
        return header(Idempotency.HEADER, key);
    }

    @Override
    public Signature<R> stamp(String name, @Nullable Object value) {
        var stamps =
                new LinkedHashMap<String, @Nullable Object>(
                        option(Option.STAMPS).map(Stamps::values).orElse(Map.of()));
        stamps.put(name, value);
        return with(Option.STAMPS, new Stamps(stamps));
    }

    @Override
    public Signature<R> onError(Workflow<?> callback) {
        return linked(Option.LINK_ERROR, callback);
    }

    @Override
    public Signature<R> link(Workflow<?> callback) {
        return linked(Option.LINK, callback);
    }

    private Signature<R> linked(Option<Links> option, Workflow<?> callback) {
        return with(option, option(option).orElse(new Links(List.of())).plus(callback));
    }

    @Override
    Workflow<R> withEach(UnaryOperator<Signature<?>> change) {
        return changed(change);
    }

    @Override
    Workflow<R> withFirst(UnaryOperator<Signature<?>> change) {
        return changed(change);
    }

    @Override
    Workflow<R> withLast(UnaryOperator<Signature<?>> change) {
        return changed(change);
    }

    @SuppressWarnings("unchecked") // changes are of options, never of the task
    private Signature<R> changed(UnaryOperator<Signature<?>> change) {
        return (Signature<R>) change.apply(this);
    }

    /// Signatures are equal when they would be sent alike.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Signature<?> that
                && task.equals(that.task)
                && args.equals(that.args)
                && kwargs.equals(that.kwargs)
                && options.equals(that.options)
                && isImmutable == that.isImmutable;
    }

    @Override
    public int hashCode() {
        return Objects.hash(task, args, kwargs, options, isImmutable);
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
        static final Option<String> SHADOW = new Option<>("shadow", String.class);
        static final Option<Stamps> STAMPS = new Option<>("stamped_headers", Stamps.class);
        static final Option<Integer> NESTING = new Option<>("replaced_task_nesting", Integer.class);
        static final Option<Links> LINK = new Option<>("link", Links.class);
        static final Option<Links> LINK_ERROR = new Option<>("link_error", Links.class);

        static final Option<Task.Unique> UNIQUE = new Option<>("unique", Task.Unique.class);
        static final Option<UniqueKey> UNIQUE_KEY = new Option<>("unique_key", UniqueKey.class);

        /// What comes after, the next step last.
        static final Option<Links> CHAIN = new Option<>("chain", Links.class);

        /// The body of the chord in whose header it counts.
        static final Option<Body> CHORD = new Option<>("chord", Body.class);

        static final Option<String> GROUP_ID = new Option<>("group_id", String.class);
        static final Option<Integer> GROUP_INDEX = new Option<>("group_index", Integer.class);
        static final Option<String> ROOT_ID = new Option<>("root_id", String.class);
        static final Option<String> PARENT_ID = new Option<>("parent_id", String.class);
        static final Option<String> REPLY_TO = new Option<>("reply_to", String.class);
    }

    /// The user's own headers.
    record Headers(Map<String, @Nullable Object> values) {
        Headers {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }
    }

    /// Workflows that hang on another.
    record Links(List<Workflow<?>> workflows) {
        Links {
            workflows = List.copyOf(workflows);
        }

        Links plus(Workflow<?> workflow) {
            if (workflows.contains(workflow)) {
                return this;
            }
            var more = new ArrayList<Workflow<?>>(workflows);
            more.add(workflow);
            return new Links(more);
        }
    }

    record Body(Workflow<?> workflow) {}

    /// Named values that are passed on to whatever a call brings about.
    record Stamps(Map<String, @Nullable Object> values) {
        Stamps {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }
    }
}
