package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.Worker;
import dev.muster.queue.events.Event;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Events between Celery and Muster: a monitor of each sees the workers of both, and Python's
/// workers, which listen to each other, bear Java's among them. Extend it, and name a server of
/// each kind.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
public abstract class CeleryEventContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String APP =
            """
            from celery import Celery

            app = Celery('events')

            @app.task(name='events.add')
            def add(a, b):
                return a + b
            """;

    /// Celery's own receiver, and its picture of the cluster, as its monitors have them.
    private static final String MONITOR =
            """
            import threading

            state = app.events.State()
            seen = []

            def hear():
                with app.connection() as connection:
                    def handle(event):
                        state.event(event)
                        seen.append(event)
                    app.events.Receiver(connection, handlers={'*': handle}).capture(
                        limit=None, timeout=None, wakeup=False)

            threading.Thread(target=hear, daemon=True).start()

            def seen_of(id):
                found = state.tasks.get(id)
                return found and {field: getattr(found, field) for field in (
                    'state', 'name', 'args', 'kwargs', 'result', 'runtime', 'exception', 'retries',
                    'root_id')} | {'hostname': found.worker.hostname}
            """;

    private final String java = "java-%s@here".formatted(UUID.randomUUID());
    private final String javaQueue = "events-java-" + UUID.randomUUID();
    private final String pythonQueue = "events-python-" + UUID.randomUUID();
    private CeleryWorker pythonWorker;
    private CeleryClient monitor;
    private Muster muster;
    private Worker worker;

    /// As both sides write it.
    protected abstract String brokerUrl();

    /// As both sides write it.
    protected abstract String resultBackend();

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
    }

    @BeforeAll
    final void start() {
        var started =
                CompletableFuture.supplyAsync(
                        () ->
                                CeleryWorker.start(
                                        CeleryWorker.Options.of(APP, brokerUrl())
                                                .withResults(resultBackend())
                                                .withQueues(pythonQueue)
                                                .withArguments("-E")),
                        Thread::startVirtualThread);
        monitor =
                CeleryClient.start(
                        APP + MONITOR,
                        Resources.text("celery_client.py"),
                        brokerUrl(),
                        resultBackend());
        muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT
                                        .with("broker_url", brokerUrl())
                                        .with("result_backend", resultBackend())
                                        .with("worker_send_task_events", true)
                                        .with("json_typed_values", false))
                        .tasks(Tasks.class)
                        .build();
        worker = muster.worker().hostname(java).queues(javaQueue).start();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
        pythonWorker = started.join();
        Awaitility.await().atMost(PATIENCE).until(() -> hears(java) && hears(pythonWorker.name()));
    }

    private boolean hears(String node) {
        return Boolean.TRUE.equals(monitor.eval("'%s' in state.workers".formatted(node)));
    }

    @AfterAll
    final void stop() {
        worker.close();
        muster.close();
        monitor.close();
        pythonWorker.close();
    }

    private Map<?, ?> awaitTask(String id, String state) {
        return (Map<?, ?>)
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(
                                () -> monitor.eval("seen_of('%s')".formatted(id)),
                                found ->
                                        found instanceof Map<?, ?> map
                                                && state.equals(map.get("state")));
    }

    @Test
    void aMonitorOfCelerySeesAJavaWorkerAsItsOwn() {
        var mine = worker(java);
        var theirs = worker(pythonWorker.name());

        assertThat(mine.keySet().toString()).isEqualTo(theirs.keySet().toString());
        assertThat(mine.get("alive")).isEqualTo(true);
        assertThat(mine.get("freq")).isEqualTo(2.0);
        assertThat(mine.get("sw_ident")).isEqualTo("muster");
        assertThat((List<?>) mine.get("loadavg")).hasSize(3);
    }

    private Map<?, ?> worker(String node) {
        return (Map<?, ?>)
                Objects.requireNonNull(
                        monitor.eval(
                                """
                                (lambda w: {'alive': w.alive, 'freq': w.freq, 'active': w.active,
                                'processed': w.processed, 'loadavg': w.loadavg, 'sw_ident': w.sw_ident,
                                'pid': w.pid, 'clock': w.clock})(state.workers['%s'])
                                """
                                        .formatted(node)
                                        .replace("\n", " ")
                                        .strip()));
    }

    @Test
    void aMonitorOfCeleryFollowsATaskOfAJavaWorker() {
        var good = muster.send(call("events.add", 2, 3).queue(javaQueue)).id();
        var bad = muster.send(call("events.fail", "no paper").queue(javaQueue)).id();

        var seen = awaitTask(good, "SUCCESS");
        assertThat(seen.get("name")).isEqualTo("events.add");
        assertThat(seen.get("args")).isEqualTo("(2, 3)");
        assertThat(seen.get("kwargs")).isEqualTo("{}");
        assertThat(seen.get("result")).isEqualTo("5");
        assertThat(seen.get("root_id")).isEqualTo(good);
        assertThat(seen.get("hostname")).isEqualTo(java);
        assertThat(seen.get("runtime")).isInstanceOf(Double.class);
        assertThat(awaitTask(bad, "FAILURE").get("exception"))
                .isEqualTo("IllegalStateException('no paper')");
        var expired =
                muster.send(call("events.add", 1, 1).queue(javaQueue).expires(Duration.ZERO)).id();
        awaitTask(expired, "REVOKED");
    }

    @Test
    void aJavaMonitorFollowsATaskOfAPythonWorker() {
        try (var receiver = muster.receiveEvents()) {
            var id = muster.send(call("events.add", 4, 5).queue(pythonQueue)).id();
            var events = new ArrayList<Event>();

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> {
                        events.addAll(receiver.take(Duration.ofMillis(200)));
                        return events.stream()
                                .filter(event -> event.taskId().filter(id::equals).isPresent())
                                .map(Event::type)
                                .toList()
                                .containsAll(
                                        List.of("task-received", "task-started", "task-succeeded"));
                    });
            var received =
                    events.stream()
                            .filter(event -> event.type().equals("task-received"))
                            .findFirst()
                            .orElseThrow();
            assertThat(received.hostname()).isEqualTo(pythonWorker.name());
            assertThat(received.text("name")).hasValue("events.add");
            assertThat(received.clock()).isPositive();
            assertThat(Duration.between(received.time(), Instant.now()).abs())
                    .isLessThan(Duration.ofMinutes(5));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> {
                        events.addAll(receiver.take(Duration.ofMillis(200)));
                        return events.stream()
                                .anyMatch(event ->
                                        event.type().equals("worker-heartbeat")
                                                && event.hostname().equals(pythonWorker.name()));
                    });
        }
    }

    /// A malformed event would end the Python worker (celery-wire 0).
    @Test
    void aPythonWorkerThatGossipsBearsAJavaWorkerThatComesAndGoes() {
        try (var other = muster.worker().hostname("guest@here").queues(javaQueue).start()) {
            assertThat(other.awaitReady(PATIENCE)).isTrue();
            Awaitility.await().atMost(PATIENCE).until(() -> hears("guest@here"));
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        Boolean.FALSE.equals(monitor.eval("state.workers['guest@here'].alive")));

        assertThat(muster.control().to(pythonWorker.name()).within(PATIENCE).ping())
                .containsKey(pythonWorker.name());
        assertThat(pythonWorker.isRunning()).isTrue();
        assertThat(pythonWorker.log()).doesNotContain("Traceback").doesNotContain("ERROR");
    }
}
