package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.message.TaskRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The tasks of `celery_workflows.py`, in Java. They send to their own queue.
final class CeleryWorkflowTasks {
    private CeleryWorkflowTasks() {}

    @Task(name = "w.add")
    static long add(long a, long b) {
        return a + b;
    }

    @Task(name = "w.sum")
    static long sum(List<?> numbers) {
        return numbers.stream()
                .mapToLong(number -> number instanceof List<?> list ? sum(list) : (Long) number)
                .sum();
    }

    @Task(name = "w.echo")
    static @Nullable Object echo(@Nullable Object value) {
        return value;
    }

    @Task(name = "w.fail")
    static void fail(@Nullable Object value) {
        if (value == null) {
            return;
        }
        throw new IllegalArgumentException("no " + value);
    }

    @Task(name = "w.note")
    static void note(@Nullable Object value, String path) throws IOException {
        Files.writeString(
                Path.of(path), value + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Task(name = "w.twice")
    static long twice(TaskContext task, long number) {
        if (number == 0) {
            return 0;
        }
        throw task.replace(call(CeleryWorkflowTasks::add, number, number).queue(task.routingKey()));
    }

    @Task(name = "w.spread")
    static List<Long> spread(TaskContext task, int number) {
        if (number == 0) {
            return List.of();
        }
        throw task.replace(
                group(
                                IntStream.range(0, number)
                                        .mapToObj(n ->
                                                call(CeleryWorkflowTasks::add, (long) n, (long) n)))
                        .queue(task.routingKey()));
    }

    @Task(name = "w.bring")
    static long bring(TaskContext task, long number) {
        task.addToChord(
                call(CeleryWorkflowTasks::echo, (Object) (number * 10)).queue(task.routingKey()));
        return number;
    }

    @Task(name = "w.again")
    static @Nullable Object again(TaskContext task, @Nullable Object value) {
        if (task.retries() == 0) {
            throw task.retry(Duration.ZERO);
        }
        return value;
    }

    /// What [#blame] has been told.
    static final BlockingQueue<String> BLAMED = new LinkedBlockingQueue<>();

    @Task(name = "w.blame")
    static void blame(TaskRequest failed, Throwable cause, String traceback) {
        BLAMED.add("%s %s".formatted(failed.id(), cause.getMessage()));
    }

    @Task(name = "w.where")
    static List<@Nullable Object> where(TaskContext task, @Nullable Object ignored) {
        return Arrays.asList(
                task.id(),
                task.rootId(),
                task.parentId().orElse(null),
                task.request().groupIndex().orElse(null));
    }
}
