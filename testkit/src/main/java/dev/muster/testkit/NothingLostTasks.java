package dev.muster.testkit;

import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What workers run that are killed, or fed with garbage.
final class NothingLostTasks {
    private NothingLostTasks() {}

    /// Takes a few milliseconds, so that a worker can be killed in the middle of many.
    @Task(name = "lost.late", acksLate = Task.Toggle.ON)
    static int late(int number) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(10);
        return number;
    }

    /// Takes as long as it takes until a file is there.
    @Task(name = "lost.gated", acksLate = Task.Toggle.ON)
    static int gated(int number, String gate) throws InterruptedException {
        while (!Files.exists(Path.of(gate))) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return number;
    }

    /// Fails the first time.
    @Task(name = "lost.again", acksLate = Task.Toggle.ON)
    static int again(TaskContext task, int number) {
        if (task.retries() == 0) {
            throw task.retry(Duration.ofMillis(500 + number * 20L));
        }
        return number;
    }

    @Task(name = "lost.sum", acksLate = Task.Toggle.ON)
    static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(number -> number).sum();
    }

    /// Ends its process, and leaves no other trace than the lines in a file.
    @Task(name = "lost.fatal", acksLate = Task.Toggle.OFF)
    static void fatal(String file) throws IOException {
        Files.writeString(
                Path.of(file), "ran\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Runtime.getRuntime().halt(1);
    }

    @Task(name = "lost.early", acksLate = Task.Toggle.OFF)
    static int early(int number) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(2);
        return number;
    }
}
