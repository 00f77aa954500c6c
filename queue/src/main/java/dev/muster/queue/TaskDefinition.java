package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import dev.muster.queue.Task.Toggle;
import dev.muster.queue.codec.Json;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.schedule.ScheduleFormat;
import dev.muster.queue.schedule.Scheduled;
import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.Setting;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A task as a worker knows it: its names, how calls of it are sent by default, and the method that
/// runs.
final class TaskDefinition {
    private static final Class<?>[] ERROR_HANDLER = {
        TaskRequest.class, Throwable.class, String.class
    };

    private final String name;
    private final Set<String> aliases;
    private final Method method;
    private final @Nullable Supplier<?> target;
    private final Map<Option<?>, Object> options;
    private final Toggle ignoreResult;
    private final Toggle acksLate;
    private final Toggle rejectOnWorkerLost;
    private final RetryPolicy retryPolicy;
    private final Optional<RateLimit> rateLimit;
    private final Task.Scope rateLimitScope;
    private final Toggle trackStarted;
    private final TimeLimits timeLimits;
    private final TaskParameters parameters;
    private final Optional<ScheduleEntry> schedule;
    private final MethodHandle handle;

    private TaskDefinition(Method method, @Nullable Supplier<?> target, Task task) {
        this.method = method;
        this.target = target;
        var simpleName = simpleName(method);
        this.name = task.name().isEmpty() ? simpleName : task.name();
        this.aliases = new LinkedHashSet<>(List.of(task.aliases()));
        var packageName = method.getDeclaringClass().getPackageName();
        if (task.name().isEmpty() && !packageName.isEmpty()) {
            aliases.add(packageName + "." + simpleName);
        }
        this.ignoreResult = task.ignoreResult();
        this.acksLate = task.acksLate();
        this.rejectOnWorkerLost = task.rejectOnWorkerLost();
        this.retryPolicy = retryPolicy(method, task);
        this.rateLimit = rateLimit(method, task);
        this.rateLimitScope = task.rateLimitScope();
        this.trackStarted = task.trackStarted();
        this.timeLimits = timeLimits(method, task);
        this.parameters = TaskParameters.of(method);
        this.options = options(method, task, parameters);
        this.schedule = schedule(method, name, parameters);
        this.handle = handle(method);
    }

    /// The task that a method is.
    ///
    /// @param target of an instance method, asked for each run; null when it is not to be run here
    /// @throws NotATaskException when it is none
    static TaskDefinition of(Method method, @Nullable Supplier<?> target) {
        var task = method.getAnnotation(Task.class);
        if (task == null) {
            throw new NotATaskException(
                    "%s is no task: annotate it with @Task".formatted(place(method)));
        }
        return new TaskDefinition(method, target, task);
    }

    private static Map<Option<?>, Object> options(
            Method method, Task task, TaskParameters parameters) {
        var options = new LinkedHashMap<Option<?>, Object>();
        if (!task.queue().isEmpty()) {
            options.put(Option.QUEUE, task.queue());
        }
        if (!task.routingKey().isEmpty()) {
            options.put(Option.ROUTING_KEY, task.routingKey());
        }
        if (task.priority() != Task.UNSET) {
            if (task.priority() < 0 || task.priority() > 255) {
                throw new NotATaskException(
                        "priority of %s must be from 0 to 255, was %d"
                                .formatted(place(method), task.priority()));
            }
            options.put(Option.PRIORITY, task.priority());
        }
        if (!task.expires().isEmpty()) {
            options.put(
                    Option.EXPIRES, new Moment.After(duration(method, "expires", task.expires())));
        }
        if (task.ignoreResult() != Toggle.DEFAULT) {
            options.put(Option.IGNORE_RESULT, task.ignoreResult() == Toggle.ON);
        }
        if (!task.serializer().isEmpty()) {
            options.put(Option.SERIALIZER, task.serializer());
        }
        if (task.unique() != Task.Unique.NO) {
            options.put(Option.UNIQUE, task.unique());
        }
        options.put(Option.UNIQUE_KEY, uniqueKey(method, task, parameters));
        return Map.copyOf(options);
    }

    private static UniqueKey uniqueKey(Method method, Task task, TaskParameters parameters) {
        try {
            return new UniqueKey(
                    parameters.names(),
                    List.of(task.uniqueBy()),
                    duration(method, "uniqueFor", task.uniqueFor()));
        } catch (IllegalArgumentException e) {
            throw new NotATaskException("%s: %s".formatted(place(method), e.getMessage()));
        }
    }

    private static RetryPolicy retryPolicy(Method method, Task task) {
        var longest = duration(method, "retryBackoffMax", task.retryBackoffMax());
        try {
            return new RetryPolicy(
                    task.maxRetries(),
                    duration(method, "retryDelay", task.retryDelay()),
                    List.of(task.retryFor()),
                    List.of(task.dontRetryFor()),
                    optionalDuration(method, "retryBackoff", task.retryBackoff())
                            .map(first -> new Backoff(first, longest)),
                    task.retryJitter());
        } catch (IllegalArgumentException e) {
            throw new NotATaskException("%s: %s".formatted(place(method), e.getMessage()));
        }
    }

    /// The entry that `@Scheduled` makes of it.
    private static Optional<ScheduleEntry> schedule(
            Method method, String task, TaskParameters parameters) {
        var scheduled = method.getAnnotation(Scheduled.class);
        if (scheduled == null) {
            return Optional.empty();
        }
        if (!parameters.areOptional()) {
            throw new NotATaskException(
                    "@Scheduled stands on a task that can be called without arguments, and %s needs some: give them defaults, or add it with Muster.beat().add(…)"
                            .formatted(place(method)));
        }
        if (scheduled.every().isEmpty() == scheduled.crontab().isEmpty()) {
            throw new NotATaskException(
                    "@Scheduled of %s needs either every or crontab".formatted(place(method)));
        }
        try {
            var plain = new LinkedHashMap<String, Object>();
            plain.put(
                    scheduled.every().isEmpty() ? "crontab" : "every",
                    scheduled.every() + scheduled.crontab());
            if (!scheduled.timezone().isEmpty()) {
                plain.put("timezone", scheduled.timezone());
            }
            return Optional.of(
                    new ScheduleEntry(
                            scheduled.name().isEmpty() ? task : scheduled.name(),
                            ScheduleFormat.read(plain),
                            Signature.of(task),
                            scheduled.missed(),
                            optionalDuration(method, "jitter", scheduled.jitter())
                                    .orElse(Duration.ZERO)));
        } catch (IllegalArgumentException e) {
            throw new NotATaskException(
                    "@Scheduled of %s: %s".formatted(place(method), e.getMessage()));
        }
    }

    private static Optional<RateLimit> rateLimit(Method method, Task task) {
        try {
            return RateLimit.parse(task.rateLimit());
        } catch (IllegalArgumentException e) {
            throw new NotATaskException(
                    "rateLimit of %s: %s".formatted(place(method), e.getMessage()));
        }
    }

    private static TimeLimits timeLimits(Method method, Task task) {
        try {
            return new TimeLimits(
                    optionalDuration(method, "timeLimit", task.timeLimit()),
                    optionalDuration(method, "softTimeLimit", task.softTimeLimit()));
        } catch (IllegalArgumentException e) {
            throw new NotATaskException("%s: %s".formatted(place(method), e.getMessage()));
        }
    }

    private static Optional<Duration> optionalDuration(Method method, String member, String text) {
        return Optional.of(text)
                .filter(given -> !given.isEmpty())
                .map(given -> duration(method, member, given));
    }

    private static Duration duration(Method method, String member, String text) {
        try {
            return Setting.toDuration(text);
        } catch (IllegalArgumentException e) {
            throw new NotATaskException(
                    "%s of %s: %s".formatted(member, place(method), e.getMessage()));
        }
    }

    /// Takes the object, if the method is not static, and all arguments as one array.
    private static MethodHandle handle(Method method) {
        try {
            method.setAccessible(true);
            return MethodHandles.lookup()
                    .unreflect(method)
                    .asFixedArity()
                    .asSpreader(Object[].class, method.getParameterCount());
        } catch (IllegalAccessException | RuntimeException e) {
            throw new NotATaskException(
                    "%s cannot be called: %s. Does its module open the package to dev.muster.queue?"
                            .formatted(place(method), e.getMessage()));
        }
    }

    private static String simpleName(Method method) {
        var type = method.getDeclaringClass();
        var nested =
                type.getName()
                        .substring(
                                type.getPackageName().isEmpty()
                                        ? 0
                                        : type.getPackageName().length() + 1);
        return nested.replace('$', '.') + "." + method.getName();
    }

    String name() {
        return name;
    }

    Set<String> aliases() {
        return aliases;
    }

    Map<Option<?>, Object> options() {
        return options;
    }

    Type resultType() {
        return method.getGenericReturnType() == void.class
                ? Void.class
                : method.getGenericReturnType();
    }

    /// The exceptions that the method declares, which a client may rebuild.
    List<Class<?>> declaredExceptions() {
        return List.of(method.getExceptionTypes());
    }

    boolean ignoresResult(boolean byDefault) {
        return decide(ignoreResult, byDefault);
    }

    boolean acksLate(boolean byDefault) {
        return decide(acksLate, byDefault);
    }

    boolean rejectsOnWorkerLost(boolean byDefault) {
        return decide(rejectOnWorkerLost, byDefault);
    }

    /// When a beat sends it, if its method says so.
    Optional<ScheduleEntry> schedule() {
        return schedule;
    }

    Optional<RateLimit> rateLimit() {
        return rateLimit;
    }

    Task.Scope rateLimitScope() {
        return rateLimitScope;
    }

    boolean tracksStarted(boolean byDefault) {
        return decide(trackStarted, byDefault);
    }

    TimeLimits timeLimits() {
        return timeLimits;
    }

    RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    private static boolean decide(Toggle toggle, boolean byDefault) {
        return toggle == Toggle.DEFAULT ? byDefault : toggle == Toggle.ON;
    }

    /// Where the method stands, for error messages.
    String place() {
        return place(method);
    }

    private static String place(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(
                        Collectors.joining(
                                ", ",
                                method.getDeclaringClass().getName() + "." + method.getName() + "(",
                                ")"));
    }

    /// Binds the arguments and runs the method on the calling thread.
    ///
    /// @throws TaskArgumentException when the arguments do not fit
    /// @throws Throwable what the method throws
    @Nullable Object run(
            TaskContext context,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> kwargs,
            Json json)
            throws Throwable {
        var bound = parameters.bind(name, context, args, kwargs, json);
        return ScopedValue.where(TaskContext.CURRENT, context).call(() -> invoke(bound));
    }

    /// Whether it is an error callback that wants the failed call, the exception and its stack
    /// trace, and so can be called only here (celery-wire 5.5).
    boolean isErrorHandler() {
        return Arrays.equals(method.getParameterTypes(), ERROR_HANDLER) && !needsTarget();
    }

    /// Calls it, if it [#isErrorHandler()].
    ///
    /// @throws Throwable what the method throws
    void handleError(TaskRequest failed, Throwable cause, String traceback) throws Throwable {
        var _ = invoke(new Object[] {failed, cause, traceback});
    }

    private @Nullable Object invoke(@Nullable Object[] bound) throws Throwable {
        return target == null ? handle.invoke(bound) : handle.invoke(target.get(), bound);
    }

    /// The task as it would be called, for listings: `Currency.rate(String pair)`.
    @Override
    public String toString() {
        return name + parameters;
    }

    boolean needsTarget() {
        return target == null && !Modifier.isStatic(method.getModifiers());
    }
}
