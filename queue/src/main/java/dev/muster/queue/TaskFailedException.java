package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The task whose result was asked for has failed, on whatever worker in whatever language.
///
/// The cause is the original exception where its class is known here and may be built: exceptions
/// that a registered task declares, those given to [Muster.Builder#exceptions], and common ones of
/// the JDK. Nothing else that a message names is ever loaded.
public class TaskFailedException extends MusterException {
    private final String taskId;
    private final String remoteType;
    private final List<@Nullable Object> remoteArguments;
    private final @Nullable String remoteTraceback;

    TaskFailedException(
            String taskId,
            String remoteType,
            List<@Nullable Object> remoteArguments,
            @Nullable String remoteTraceback,
            @Nullable Throwable cause) {
        super(
                "task %s failed with %s%s".formatted(taskId, remoteType, describe(remoteArguments)),
                cause);
        this.taskId = taskId;
        this.remoteType = remoteType;
        this.remoteArguments = Collections.unmodifiableList(remoteArguments);
        this.remoteTraceback = remoteTraceback;
    }

    private static String describe(List<@Nullable Object> arguments) {
        return switch (arguments.size()) {
            case 0 -> "";
            case 1 -> ": " + arguments.getFirst();
            default -> ": " + arguments;
        };
    }

    public String taskId() {
        return taskId;
    }

    /// The full name of the exception's type where it was thrown: `builtins.ValueError`,
    /// `java.io.IOException`.
    public String remoteType() {
        return remoteType;
    }

    /// What the exception was made with, usually one message.
    public List<@Nullable Object> remoteArguments() {
        return remoteArguments;
    }

    /// The stack trace as the worker wrote it.
    public Optional<String> remoteTraceback() {
        return Optional.ofNullable(remoteTraceback);
    }
}
