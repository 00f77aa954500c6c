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

/// What workers run in a [FaultCampaignContract]. Each run adds a line to a file that all share,
/// before it does anything else.
final class FaultCampaignTasks {
    private FaultCampaignTasks() {}

    @Task(name = "campaign.number", acksLate = Task.Toggle.ON)
    static int number(int number, String runs) throws Exception {
        note(number, runs);
        TimeUnit.MILLISECONDS.sleep(10);
        return number;
    }

    @Task(name = "campaign.increment", acksLate = Task.Toggle.ON)
    static int increment(int number) {
        return number + 1;
    }

    @Task(name = "campaign.sum", acksLate = Task.Toggle.ON)
    static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(number -> number).sum();
    }

    /// Needs three tries.
    @Task(name = "campaign.stubborn", acksLate = Task.Toggle.ON)
    static int stubborn(TaskContext task, int number, String runs) throws IOException {
        note(number, runs);
        if (task.retries() < 2) {
            throw task.retry(Duration.ofMillis(500));
        }
        return number;
    }

    @Task(name = "campaign.failing", acksLate = Task.Toggle.ON)
    static int failing(int number, String runs) throws IOException {
        note(number, runs);
        throw new IllegalStateException("number " + number);
    }

    private static void note(int number, String runs) throws IOException {
        Files.writeString(
                Path.of(runs), number + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
