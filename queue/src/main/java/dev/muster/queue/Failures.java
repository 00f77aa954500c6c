package dev.muster.queue;

import dev.muster.parallel.wire.SubstituteException;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.State;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Exceptions on their way over the wire, in both directions (celery-wire 4.4).
final class Failures {
    /// Harmless to build from a message: a text is all that they hold.
    private static final List<Class<? extends Throwable>> COMMON =
            List.of(
                    ArithmeticException.class,
                    ArrayIndexOutOfBoundsException.class,
                    ClassCastException.class,
                    DateTimeException.class,
                    Exception.class,
                    FileNotFoundException.class,
                    IOException.class,
                    IllegalArgumentException.class,
                    IllegalStateException.class,
                    IndexOutOfBoundsException.class,
                    MaxRetriesExceededException.class,
                    NoSuchElementException.class,
                    NullPointerException.class,
                    NumberFormatException.class,
                    RuntimeException.class,
                    TimeoutException.class,
                    UnsupportedOperationException.class);

    /// In place of the message of an exception whose own methods throw.
    private static final String UNREADABLE = "(its message cannot be read)";

    private static final String CHORD_ERROR = "ChordError";

    private final Map<String, Class<?>> known = new HashMap<>();

    /// @param registered exceptions that may be rebuilt, besides the common ones of the JDK
    Failures(Collection<Class<?>> registered) {
        Stream.concat(COMMON.stream(), registered.stream())
                .forEach(type -> known.put(pythonName(type), type));
    }

    /// How an exception is known on the wire: its module, which is the Java package, and its name
    /// in it.
    private record Name(String module, String type) {
        static Name of(Throwable failure) {
            return switch (failure) {
                case TaskArgumentException _ -> new Name("builtins", "TypeError");
                case EncodeException _ -> new Name("kombu.exceptions", "EncodeError");
                case SubstituteException substitute -> of(substitute.originalClass());
                default -> of(failure.getClass());
            };
        }

        static Name of(Class<?> type) {
            if (type == SoftTimeLimitExceededException.class) {
                return new Name("billiard.exceptions", "SoftTimeLimitExceeded");
            }
            if (type == MaxRetriesExceededException.class) {
                return new Name("celery.exceptions", "MaxRetriesExceededError");
            }
            return of(type.getName());
        }

        private static Name of(String className) {
            var dot = className.lastIndexOf('.');
            return new Name(
                    dot < 0 ? "java" : className.substring(0, dot),
                    className.substring(dot + 1).replace('$', '.'));
        }
    }

    private static String pythonName(Class<?> type) {
        var name = Name.of(type);
        return name.module() + "." + name.type();
    }

    /// The exception map of a failure.
    static Map<String, @Nullable Object> describe(Throwable failure) {
        var name = Name.of(failure);
        // Celery's own has no arguments, and is built with none by who reads it.
        var message = failure instanceof SoftTimeLimitExceededException ? null : message(failure);
        return describe(name.type(), name.module(), message == null ? List.of() : List.of(message));
    }

    /// Type and message, for a line of a log.
    static String summary(Throwable failure) {
        var type =
                failure instanceof SubstituteException substitute
                        ? substitute.originalClass()
                        : failure.getClass().getName();
        return "%s: %s".formatted(type, message(failure));
    }

    private static @Nullable String message(Throwable failure) {
        try {
            return failure instanceof SubstituteException substitute
                    ? substitute.originalMessage()
                    : failure.getMessage();
        } catch (RuntimeException e) {
            return UNREADABLE;
        }
    }

    static Map<String, @Nullable Object> describe(
            String type, String module, List<@Nullable Object> message) {
        var described = new LinkedHashMap<String, @Nullable Object>();
        described.put("exc_type", type);
        described.put("exc_message", message);
        described.put("exc_module", module);
        return described;
    }

    /// @param reason `expired`, `revoked` or `terminated`
    static Map<String, @Nullable Object> revoked(String reason) {
        return describe("TaskRevokedError", "celery.exceptions", List.of(reason));
    }

    static Map<String, @Nullable Object> timedOut(Duration limit) {
        var seconds = limit.toMillis() / 1000.0;
        Object number = seconds == Math.rint(seconds) ? (Object) (long) seconds : (Object) seconds;
        return describe("TimeLimitExceeded", "billiard.exceptions", List.of(number));
    }

    /// The process has ended that the task ran in, or it was stopped in the middle.
    static Map<String, @Nullable Object> workerLost(String reason) {
        return describe("WorkerLostError", "billiard.exceptions", List.of(reason));
    }

    /// What a chord's body fails with when a member has failed.
    static Map<String, @Nullable Object> chordError(String reason) {
        return describe(CHORD_ERROR, "celery.exceptions", List.of(reason));
    }

    static boolean isChordError(ResultRecord record) {
        return record.result() instanceof Map<?, ?> described
                && CHORD_ERROR.equals(described.get("exc_type"));
    }

    /// An exception map as Python prints the exception: `ValueError('bad', 42)`.
    static String repr(@Nullable Object described) {
        if (!(described instanceof Map<?, ?> map)) {
            return PythonRepr.value(described);
        }
        var arguments = arguments(map.get("exc_message")).stream().map(PythonRepr::value).toList();
        return "%s(%s)".formatted(map.get("exc_type"), String.join(", ", arguments));
    }

    /// The stack trace as text, down to the task's own method: what called it is the same for all.
    static String traceback(Throwable failure) {
        var text = new StringWriter();
        try {
            failure.printStackTrace(new PrintWriter(text, true));
        } catch (RuntimeException e) {
            text.append(failure.getClass().getName()).append(": ").append(UNREADABLE);
        }
        var lines = text.toString().lines().toList();
        var shown = new ArrayList<String>();
        var skipping = false;
        for (var line : lines) {
            var isFrame = line.startsWith("\tat ");
            skipping = isFrame && (skipping || isMachinery(line));
            if (!skipping) {
                shown.add(line);
            }
        }
        return String.join("\n", shown) + "\n";
    }

    private static boolean isMachinery(String frame) {
        return frame.contains("at java.base/java.lang.invoke.")
                || frame.contains("at dev.muster.queue.TaskDefinition.");
    }

    /// What `get` throws for a record of a task that failed or was revoked.
    TaskFailedException rebuild(ResultRecord record) {
        var described =
                record.result() instanceof Map<?, ?> map
                        ? map
                        : Map.of("exc_message", String.valueOf(record.result()));
        var type = described.get("exc_type") instanceof String text ? text : "Exception";
        var arguments = arguments(described.get("exc_message"));
        if (record.state().equals(State.REVOKED)) {
            return new TaskRevokedException(record.taskId(), arguments);
        }
        var name =
                described.get("exc_module") instanceof String module && !module.isEmpty()
                        ? module + "." + type
                        : type;
        return new TaskFailedException(
                record.taskId(),
                name,
                arguments,
                record.traceback(),
                build(name, arguments).orElse(null));
    }

    private static List<@Nullable Object> arguments(@Nullable Object message) {
        return switch (message) {
            case null -> List.of();
            case List<?> list -> new ArrayList<>(list);
            case Object single -> Arrays.asList(single);
        };
    }

    private Optional<Throwable> build(String name, List<@Nullable Object> arguments) {
        var type = known.get(name);
        if (type == null || arguments.size() > 1) {
            return Optional.empty();
        }
        try {
            var message = arguments.isEmpty() ? null : String.valueOf(arguments.getFirst());
            var constructor = constructor(type);
            var built =
                    constructor.getParameterCount() == 0
                            ? constructor.newInstance()
                            : constructor.newInstance(message);
            return built instanceof Throwable failure ? Optional.of(failure) : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // It needs more than a text, or is closed to us: its type and message must do.
            return Optional.empty();
        }
    }

    private static Constructor<?> constructor(Class<?> type) throws NoSuchMethodException {
        try {
            return accessible(type.getDeclaredConstructor(String.class));
        } catch (NoSuchMethodException e) {
            return accessible(type.getDeclaredConstructor());
        }
    }

    private static Constructor<?> accessible(Constructor<?> constructor) {
        if (!constructor.getDeclaringClass().getPackageName().startsWith("java.")) {
            constructor.setAccessible(true);
        }
        return constructor;
    }
}
