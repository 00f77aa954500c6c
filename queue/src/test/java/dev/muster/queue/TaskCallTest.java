package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskCallTest {
    private static final Duration LIMIT = Duration.ofMillis(100);

    @Task(name = "TaskCallTest.waits")
    static String waits() {
        try {
            new CountDownLatch(1).await();
            return "in time";
        } catch (InterruptedException e) {
            return "told: " + TaskContext.current().isSoftTimeLimitExceeded();
        }
    }

    @Task(name = "TaskCallTest.isQuick")
    static String isQuick() {
        return "in time";
    }

    private static TaskCall call(String method) throws NoSuchMethodException {
        var task = TaskDefinition.of(TaskCallTest.class.getDeclaredMethod(method), null);
        var request = Requests.request("1", task.name(), List.of(), Map.of());
        return new TaskCall(task, request, Requests.context(request));
    }

    private static Outcome run(TaskCall call) {
        return call.run(new Json(false), Environment.of(Settings.DEFAULT));
    }

    /// A machine that is busy may take longer to begin a task than its soft time limit.
    @Test
    void aTaskIsToldOfALimitThatPassedBeforeItBegan() throws Exception {
        var call = call("waits");
        call.remind(LIMIT);

        assertThat(run(call)).isEqualTo(new Outcome.Success("told: true"));
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aLimitAfterTheEndOfATaskDisturbsNobody() throws Exception {
        var call = call("isQuick");

        assertThat(run(call)).isEqualTo(new Outcome.Success("in time"));
        call.remind(LIMIT);

        assertThat(call.context().isSoftTimeLimitExceeded()).isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }
}
