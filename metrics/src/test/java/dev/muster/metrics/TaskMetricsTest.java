package dev.muster.metrics;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.TaskRevokedException;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.FakeClock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskMetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final FakeClock time = new FakeClock();
    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry =
            new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    private final Tasks tasks = new Tasks();
    private final Muster muster =
            Muster.builder()
                    .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                    .register(tasks)
                    .hooks(new TaskMetrics(registry))
                    .clock(time)
                    .build();

    static final class Tasks {
        private final Semaphore started = new Semaphore(0);
        private final Semaphore gate = new Semaphore(0);

        @Task(name = "ok")
        int ok() {
            return 1;
        }

        @Task(name = "broken")
        int broken(boolean well) {
            if (!well) {
                throw new IllegalStateException("broken");
            }
            return 1;
        }

        @Task(name = "flaky")
        int flaky(TaskContext task) {
            if (task.retries() < 2) {
                throw task.retry(Duration.ZERO, new IllegalArgumentException("not yet"));
            }
            return task.retries();
        }

        @Task(name = "gated")
        void gated() {
            started.release();
            gate.acquireUninterruptibly();
        }
    }

    @AfterEach
    void closeAll() {
        tasks.gate.release(100);
        muster.close();
    }

    private double counted(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private long runs(String task, String state) {
        return registry.get("muster.task.run").tags("task", task, "state", state).timer().count();
    }

    @Test
    void countsWhatIsSentAndHowItEnds() {
        try (var _ = muster.worker().concurrency(2).start()) {
            var good = muster.sendAll(List.of(call("ok"), call("ok"), call("ok")));
            var bad = muster.send(call("broken", false));
            var flaky = muster.send(call("flaky"));

            good.forEach(result -> result.get(PATIENCE));
            assertThatThrownBy(() -> bad.get(PATIENCE)).isInstanceOf(TaskFailedException.class);
            assertThat(flaky.get(PATIENCE)).isEqualTo(2L);
        }

        assertThat(counted("muster.task.sent", "task", "ok")).isEqualTo(3);
        assertThat(counted("muster.task.sent", "task", "broken")).isEqualTo(1);
        assertThat(counted("muster.task.sent", "task", "flaky")).isEqualTo(1);
        assertThat(runs("ok", "success")).isEqualTo(3);
        assertThat(runs("broken", "failure")).isEqualTo(1);
        assertThat(runs("flaky", "retry")).isEqualTo(2);
        assertThat(runs("flaky", "success")).isEqualTo(1);
        assertThat(
                        counted(
                                "muster.task.failures",
                                "task",
                                "broken",
                                "exception",
                                "IllegalStateException"))
                .isEqualTo(1);
        assertThat(
                        counted(
                                "muster.task.retries",
                                "task",
                                "flaky",
                                "exception",
                                "IllegalArgumentException"))
                .isEqualTo(2);
        assertThat(gauge("muster.task.running", "task", "flaky")).isZero();
        // Three messages in one go, two alone, two retries.
        assertThat(registry.get("muster.publish").tag("outcome", "success").timer().count())
                .isEqualTo(5);
    }

    @Test
    void measuresHowLongACallWaitedAndRan() {
        try (var _ = muster.worker().concurrency(1).start()) {
            var first = muster.send(call("gated"));
            tasks.started.acquireUninterruptibly();
            var second = muster.send(call("gated"));
            Awaitility.await().atMost(PATIENCE).until(() -> gauge("muster.worker.reserved") == 1);
            time.advance(Duration.ofSeconds(90));
            tasks.gate.release(2);
            first.get(PATIENCE);
            second.get(PATIENCE);
        }

        var waited = registry.get("muster.task.queue.time").tag("task", "gated").timer();
        assertThat(waited.count()).isEqualTo(2);
        assertThat(waited.totalTime(TimeUnit.SECONDS)).isEqualTo(90);
        var ran = registry.get("muster.task.run").tag("task", "gated").timer();
        assertThat(ran.count()).isEqualTo(2);
        assertThat(ran.totalTime(TimeUnit.NANOSECONDS)).isPositive();
    }

    @Test
    void showsWhatRunsAndWhatWaitsWhileItDoes() {
        var worker = muster.worker().concurrency(2).prefetchMultiplier(2).hostname("a@b").start();
        try (worker) {
            muster.sendAll(IntStream.range(0, 9).mapToObj(_ -> call("gated")).toList());
            tasks.started.acquireUninterruptibly(2);

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> gauge("muster.worker.reserved", "worker", "a@b") == 2);
            assertThat(gauge("muster.task.running", "task", "gated")).isEqualTo(2);
            assertThat(gauge("muster.worker.slots", "worker", "a@b")).isEqualTo(2);
            assertThat(gauge("muster.worker.slots.used", "worker", "a@b")).isEqualTo(2);
            assertThat(gauge("muster.queue.depth", "queue", "celery")).isEqualTo(5);

            muster.send(call("gated"));
            clock.add(Duration.ofSeconds(5));
            assertThat(gauge("muster.queue.depth", "queue", "celery")).isEqualTo(6);
            tasks.gate.release(100);
        }

        assertThat(registry.getMeters())
                .extracting(Meter::getId)
                .extracting(Meter.Id::getName)
                .doesNotContain("muster.worker.slots", "muster.queue.depth");
    }

    @Test
    void countsWhatIsNotRun() {
        var expired = muster.send(call("ok").expires(Duration.ofNanos(1)));
        var unknown = muster.send(call("nobody.knows"));
        try (var _ = muster.worker().concurrency(1).start()) {
            assertThatThrownBy(() -> expired.get(PATIENCE))
                    .isInstanceOf(TaskRevokedException.class);
            assertThatThrownBy(() -> unknown.get(PATIENCE)).isInstanceOf(TaskFailedException.class);
        }

        assertThat(counted("muster.task.discarded", "task", "ok", "reason", "expired"))
                .isEqualTo(1);
        assertThat(counted("muster.message.refused")).isEqualTo(1);
        assertThat(registry.find("muster.task.run").timers()).isEmpty();
    }

    @Test
    void knowsOnlySoManyNamesThatAreSent() {
        muster.sendAll(
                IntStream.range(0, 510).mapToObj(number -> call("made.up." + number)).toList());

        assertThat(counted("muster.task.sent", "task", "made.up.499")).isEqualTo(1);
        assertThat(counted("muster.task.sent", "task", "unknown")).isEqualTo(10);
    }
}
