package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A broadcast runs in every worker that reads it. Extend it, and name the broker.
@Timeout(180)
public abstract class BroadcastContract {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Tasks tasks = new Tasks();
    private final String news = "news-" + UUID.randomUUID();
    private final String media = "media-" + UUID.randomUUID();
    private final List<Muster> apps = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();

    protected abstract String url();

    /// Whether two applications can meet at the broker.
    protected boolean isShared() {
        return true;
    }

    /// Whether the broker knows that no worker listens any more.
    protected boolean noticesThatNobodyListens() {
        return true;
    }

    record Run(String worker, String text, int retries) {}

    static final class Tasks {
        private final Queue<Run> runs = new ConcurrentLinkedQueue<>();

        @Task(name = "broadcast.tell", ignoreResult = Task.Toggle.ON)
        void tell(TaskContext task, String text) {
            runs.add(new Run(task.hostname(), text, task.retries()));
        }

        @Task(name = "broadcast.stutter", ignoreResult = Task.Toggle.ON)
        void stutter(TaskContext task, String worker, double delay) {
            runs.add(new Run(task.hostname(), "stutter", task.retries()));
            if (task.hostname().equals(worker) && task.retries() < 2) {
                throw task.retry(Duration.ofMillis((long) (1000 * delay)));
            }
        }
    }

    private Muster app() {
        return Muster.builder()
                .settings(
                        Settings.DEFAULT.withAll(
                                Map.of(
                                        "broker_url",
                                        url(),
                                        "result_backend",
                                        "disabled",
                                        "task_queues",
                                        Map.of(
                                                news,
                                                Map.of("broadcast", true),
                                                media,
                                                Map.of("exchange_type", "fanout")))))
                .register(tasks)
                .build();
    }

    @BeforeEach
    final void start() {
        for (var number = 0; number < 2; number++) {
            if (isShared() || apps.isEmpty()) {
                apps.add(app());
            }
            // The other queue is read by one, as a copy for each of two would be one for both.
            var queues = number == 0 ? new String[] {news, media} : new String[] {news};
            workers.add(
                    apps.getLast()
                            .worker()
                            .queues(queues)
                            .hostname("w%d@%s".formatted(number, news))
                            .start());
            assertThat(workers.getLast().awaitReady(LONG)).isTrue();
        }
    }

    @AfterEach
    final void stop() {
        workers.forEach(Worker::close);
        apps.forEach(Muster::close);
    }

    private Run run(int worker, String text, int retries) {
        return new Run(workers.get(worker).hostname(), text, retries);
    }

    private void awaitRuns(Run... expected) {
        Awaitility.await()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(tasks.runs).containsExactlyInAnyOrder(expected));
    }

    @Test
    void everyWorkerRunsItOnce() {
        var client = apps.getFirst();
        client.send(call("broadcast.tell", "one").queue(news));
        client.send(call("broadcast.tell", "two").queue(news));

        awaitRuns(run(0, "one", 0), run(1, "one", 0), run(0, "two", 0), run(1, "two", 0));
    }

    @Test
    void everyWorkerRunsItWhenItsTimeHasCome() {
        apps.getFirst()
                .send(
                        call("broadcast.tell", "later")
                                .queue(news)
                                .countdown(Duration.ofMillis(1_200)));
        apps.getFirst().send(call("broadcast.tell", "now").queue(news));

        awaitRuns(run(0, "now", 0), run(1, "now", 0), run(0, "later", 0), run(1, "later", 0));
        assertThat(tasks.runs.peek()).extracting(Run::text).isEqualTo("now");
    }

    @Test
    void aRetryGoesToTheWorkerThatAsksForIt() {
        var client = apps.getFirst();
        var second = workers.get(1).hostname();
        client.send(call("broadcast.stutter", second, 0).queue(news));
        client.send(call("broadcast.stutter", second, 1.2).queue(news));

        awaitRuns(
                run(0, "stutter", 0),
                run(0, "stutter", 0),
                run(1, "stutter", 0),
                run(1, "stutter", 0),
                run(1, "stutter", 1),
                run(1, "stutter", 1),
                run(1, "stutter", 2),
                run(1, "stutter", 2));
    }

    @Test
    void aRetryOfWhatCameByAnyFanoutExchangeFindsItsWorker() {
        var first = workers.getFirst().hostname();
        apps.getFirst().send(call("broadcast.stutter", first, 0).queue(media));

        awaitRuns(run(0, "stutter", 0), run(0, "stutter", 1), run(0, "stutter", 2));
    }

    @Test
    void aWorkerThatHasStoppedDoesNotMatter() {
        workers.getFirst().close();
        apps.getFirst().send(call("broadcast.tell", "rest").queue(news));
        awaitRuns(run(1, "rest", 0));

        workers.getLast().close();

        if (noticesThatNobodyListens()) {
            var call = call("broadcast.tell", "nobody").queue(news);
            assertThatThrownBy(() -> apps.getFirst().send(call))
                    .isInstanceOf(BrokerException.class);
        }
    }
}
