package dev.muster.testkit;

import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What workers run in a [FaultCampaignContract]. Each run adds a line to a file that all share,
/// before it does anything else.
final class FaultCampaignTasks {
    private FaultCampaignTasks() {}

    @Task(name = "campaign.number", acksLate = Task.Toggle.ON)
    static int number(TaskContext task, int number, String runs) throws Exception {
        note(task, number, runs);
        TimeUnit.MILLISECONDS.sleep(10);
        return number;
    }

    /// Takes two leases.
    @Task(name = "campaign.slow", acksLate = Task.Toggle.ON)
    static int slow(TaskContext task, int number, String runs) throws Exception {
        note(task, number, runs);
        TimeUnit.SECONDS.sleep(6);
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
        note(task, number, runs);
        if (task.retries() < 2) {
            throw task.retry(Duration.ofMillis(500));
        }
        return number;
    }

    @Task(name = "campaign.failing", acksLate = Task.Toggle.ON)
    static int failing(TaskContext task, int number, String runs) throws IOException {
        note(task, number, runs);
        throw new IllegalStateException("number " + number);
    }

    private static void note(TaskContext task, int number, String runs) throws IOException {
        // By the system's clock, which all processes of the campaign share.
        var run =
                new FaultLedger.Run(
                        task.id(),
                        number,
                        task.retries(),
                        ProcessHandle.current().pid(),
                        InstantSource.system().instant());
        Files.writeString(
                Path.of(runs), run + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
