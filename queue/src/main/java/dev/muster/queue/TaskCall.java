package dev.muster.queue;

import dev.muster.queue.codec.Json;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Environment;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One call of a task's method: from its arguments to its outcome, on the thread that runs it, in
/// the worker or in a child process of it.
final class TaskCall {
    private final TaskDefinition task;
    private final TaskRequest request;
    private final TaskContext context;

    /// How its process is ended, if that is to be ended and the call runs in one of its own.
    private volatile String signal = "KILL";

    private volatile Supplier<Optional<Long>> process =
            () -> Optional.of(ProcessHandle.current().pid());

    private final Object lock = new Object();

    // Guarded by the lock.
    private @Nullable Thread runner;
    private @Nullable Duration softLimit;
    private boolean ended;

    TaskCall(TaskDefinition task, TaskRequest request, TaskContext context) {
        this.task = task;
        this.request = request;
        this.context = context;
    }

    TaskContext context() {
        return context;
    }

    /// The id of the process that it runs in; empty while that is being started.
    Optional<Long> processId() {
        return process.get();
    }

    void runsIn(Supplier<Optional<Long>> value) {
        process = value;
    }

    String signal() {
        return signal;
    }

    void endWith(String value) {
        signal = value;
    }

    Outcome run(Json json, Environment environment) {
        synchronized (lock) {
            runner = Thread.currentThread();
            if (softLimit != null) {
                runner.interrupt();
            }
        }
        try {
            return new Outcome.Success(
                    json.toPlain(task.run(context, request.args(), request.kwargs(), json)));
        } catch (Throwable e) { // user code may throw anything, and the worker lives on
            return task.retryPolicy().outcomeOf(unlessInterrupted(e), request, environment);
        } finally {
            synchronized (lock) {
                runner = null;
                ended = true;
                if (softLimit != null) {
                    Thread.interrupted(); // meant for the task, and not for what follows it
                }
            }
        }
    }

    /// Tells the task that its soft time limit has passed, unless it has ended. A slow machine may
    /// be late to begin it: then it learns that first.
    void remind(Duration limit) {
        synchronized (lock) {
            if (ended) {
                return;
            }
            softLimit = limit;
            context.softTimeLimitExceeded(limit);
            if (runner != null) {
                runner.interrupt();
            }
        }
    }

    /// What a task threw that let the interruption by its soft time limit end it, is that limit.
    private Throwable unlessInterrupted(Throwable thrown) {
        Duration limit;
        synchronized (lock) {
            limit = softLimit;
        }
        return limit != null && isInterruption(thrown)
                ? new SoftTimeLimitExceededException(limit, thrown)
                : thrown;
    }

    private static boolean isInterruption(Throwable thrown) {
        return Stream.iterate(thrown, next -> next != null, Throwable::getCause)
                .limit(20)
                .anyMatch(next ->
                        next instanceof InterruptedException
                                || (next instanceof InterruptedIOException
                                        && !(next instanceof SocketTimeoutException))
                                || next instanceof ClosedByInterruptException);
    }
}
