package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import java.time.Duration;

/// The result was not there in time. The task is not affected: it waits, or runs on, and can be
/// asked for again.
public final class ResultTimeoutException extends MusterException {
    private final String taskId;

    ResultTimeoutException(String taskId, Duration waited, String state) {
        super(
                "no result of task %s after %s; its state is %s%s"
                        .formatted(
                                taskId,
                                seconds(waited),
                                state,
                                state.equals("PENDING")
                                        ? " (is a worker running that reads its queue?)"
                                        : ""));
        this.taskId = taskId;
    }

    private static String seconds(Duration duration) {
        var millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }

    public String taskId() {
        return taskId;
    }
}
