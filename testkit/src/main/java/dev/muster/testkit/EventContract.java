package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.Worker;
import dev.muster.queue.events.Event;
import dev.muster.queue.events.EventReceiver;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What events must do over a broker: whoever listens hears what happens with tasks and workers.
/// Extend it, and name a server.
@Timeout(120)
public abstract class EventContract {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String queue = "events-" + UUID.randomUUID();
    private final String name = "events-%s@here".formatted(UUID.randomUUID());
    private final List<Event> heard = new ArrayList<>();
    private Muster muster;
    private Worker worker;
    private EventReceiver receiver;

    /// Broker and result store.
    protected abstract Map<String, Object> settings();

    static final class Tasks {
        private Tasks() {}

        @Task(name = "events.add")
        static int add(int a, int b) {
            return a + b;
        }

        @Task(name = "events.fail")
        static void fail(String why) {
            if (!why.isEmpty()) {
                throw new IllegalStateException(why);
            }
        }

        @Task(name = "events.again", maxRetries = 1)
        static int again(TaskContext task) {
            if (task.retries() == 0) {
                throw task.retry(Duration.ZERO, new IllegalStateException("not yet"));
            }
            return task.retries();
        }
    }

    @BeforeEach
    final void start() {
        muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT
                                        .withAll(settings())
                                        .with("task_send_sent_event", true))
                        .tasks(Tasks.class)
                        .build();
        receiver = muster.receiveEvents();
        worker =
                muster.worker()
                        .hostname(name)
                        .queues(queue)
                        .heartbeat(Duration.ofMillis(200))
                        .start();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
    }

    @AfterEach
    final void stop() {
        worker.close();
        receiver.close();
        muster.close();
    }

    private Event await(Predicate<Event> wanted) {
        return Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> {
                            heard.addAll(receiver.take(Duration.ofMillis(100)));
                            return heard.stream().filter(wanted).findFirst();
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    private Event awaitOf(String id, String type) {
        return await(event ->
                event.type().equals(type) && event.taskId().filter(id::equals).isPresent());
    }

    private void enable() {
        assertThat(muster.control().to(name).within(PATIENCE).ask("enable_events"))
                .containsEntry(name, Map.of("ok", "task events enabled"));
    }

    private String send(String task, Object... args) {
        return muster.send(call(task, args).queue(queue)).id();
    }

    @Test
    void aWorkerTellsThatItLivesAndThatItEnds() {
        for (var type : List.of("worker-online", "worker-heartbeat")) {
            var event = await(each -> each.type().equals(type) && each.hostname().equals(name));
            assertThat(event.number("freq")).hasValue(0.2);
            assertThat(event.clock()).isPositive();
            assertThat(event.fields())
                    .containsEntry("sw_ident", "muster")
                    .containsEntry("sw_ver", Muster.VERSION)
                    .containsKeys("sw_sys", "active", "processed", "pid");
            assertThat((List<?>) event.fields().get("loadavg")).hasSize(3);
        }
        worker.close();
        await(each -> each.type().equals("worker-offline") && each.hostname().equals(name));
    }

    @Test
    void theWayOfATaskIsToldFromSendToResult() {
        enable();
        var id = send("events.add", 2, 3);

        var sent = awaitOf(id, "task-sent");
        assertThat(sent.fields()).containsEntry("queue", queue).containsEntry("args", "(2, 3)");
        var received = awaitOf(id, "task-received");
        assertThat(received.fields())
                .containsEntry("name", "events.add")
                .containsEntry("root_id", id)
                .containsEntry("retries", 0L);
        assertThat(received.hostname()).isEqualTo(name);
        awaitOf(id, "task-started");
        var succeeded = awaitOf(id, "task-succeeded");
        assertThat(succeeded.text("result")).hasValue("5");
        assertThat(succeeded.number("runtime").orElseThrow()).isBetween(0.0, 30.0);
        assertThat(succeeded.clock()).isGreaterThan(received.clock());
    }

    @Test
    void failuresRetriesAndRevocationsAreTold() {
        enable();
        var failed = awaitOf(send("events.fail", "no paper"), "task-failed");
        assertThat(failed.text("exception").orElseThrow())
                .isEqualTo("IllegalStateException('no paper')");
        assertThat(failed.text("traceback").orElseThrow()).contains("EventContract");

        var again = send("events.again");
        assertThat(awaitOf(again, "task-retried").text("exception").orElseThrow())
                .contains("not yet");
        awaitOf(again, "task-succeeded");

        var late = muster.send(call("events.add", 1, 1).queue(queue).expires(Duration.ZERO)).id();
        assertThat(awaitOf(late, "task-revoked").fields())
                .containsEntry("expired", true)
                .containsEntry("terminated", false);
        assertThat(awaitOf(send("events.nosuch"), "task-failed").text("exception").orElseThrow())
                .contains("NotRegistered");
    }

    @Test
    void nothingIsToldOfTasksUnlessItIsWanted() {
        enable();
        assertThat(muster.control().to(name).within(PATIENCE).ask("enable_events"))
                .containsEntry(name, Map.of("ok", "task events already enabled"));
        assertThat(muster.control().to(name).within(PATIENCE).ask("disable_events"))
                .containsEntry(name, Map.of("ok", "task events disabled"));
        var silent = send("events.add", 1, 1);
        muster.result(silent, Integer.class).get(PATIENCE);
        enable();

        awaitOf(send("events.add", 2, 2), "task-succeeded");

        // Its success may have been told just after the result was there, and so after enabling.
        assertThat(heard)
                .filteredOn(event -> event.taskId().filter(silent::equals).isPresent())
                .extracting(Event::type)
                .doesNotContain("task-received", "task-started");
    }
}
