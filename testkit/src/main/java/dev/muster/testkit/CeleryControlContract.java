package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.ControlCommand;
import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Remote control between Celery and Muster: each commands the other's workers, and sees in them
/// what it sees in its own. Extend it, and name a server of each kind.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
public abstract class CeleryControlContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String APP =
            """
            import os, time
            from celery import Celery

            app = Celery('control')
            app.conf.worker_pool_restarts = False

            @app.task(name='control.wait')
            def wait(path):
                while not os.path.exists(path):
                    time.sleep(0.05)

            @app.task(name='control.add')
            def add(a, b):
                return a + b

            from celery.worker.control import control_command

            @control_command(args=[('n', int)], signature='[N=1]')
            def control_double(state, n=1):
                return {'ok': n * 2}

            %s
            """;

    private final String java = "java-%s@here".formatted(UUID.randomUUID());
    private final String javaQueue = "control-java-" + UUID.randomUUID();
    private final String pythonQueue = "control-python-" + UUID.randomUUID();
    private @TempDir Path folder;
    private CeleryWorker pythonWorker;
    private CeleryClient celery;
    private Muster muster;
    private Worker worker;

    /// As both sides write it.
    protected abstract String brokerUrl();

    /// As both sides write it.
    protected abstract String resultBackend();

    static final class Tasks {
        private Tasks() {}

        @Task(name = "control.wait")
        static void await(String path) {
            Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(Path.of(path)));
        }

        @Task(name = "control.add")
        static int add(int a, int b) {
            return a + b;
        }

        @ControlCommand(name = "control_halve")
        static Map<String, Object> halve(int n) {
            return Map.of("ok", n / 2);
        }
    }

    @BeforeAll
    final void start() {
        var app = APP.formatted("");
        var started =
                CompletableFuture.supplyAsync(
                        () ->
                                CeleryWorker.start(
                                        CeleryWorker.Options.of(app, brokerUrl())
                                                .withResults(resultBackend())
                                                .withConcurrency(2)
                                                .withQueues(pythonQueue)),
                        Thread::startVirtualThread);
        celery =
                CeleryClient.start(
                        app, Resources.text("celery_client.py"), brokerUrl(), resultBackend());
        muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT
                                        .with("broker_url", brokerUrl())
                                        .with("result_backend", resultBackend())
                                        .with("json_typed_values", false))
                        .tasks(Tasks.class)
                        .build();
        worker = muster.worker().hostname(java).queues(javaQueue).concurrency(2).start();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
        pythonWorker = started.join();
    }

    @AfterAll
    final void stop() {
        worker.close();
        muster.close();
        celery.close();
        pythonWorker.close();
    }

    private Map<?, ?> inspect(String call) {
        return (Map<?, ?>)
                Objects.requireNonNull(
                        celery.eval(
                                "app.control.inspect(destination=['%s', '%s'], timeout=20).%s"
                                        .formatted(java, pythonWorker.name(), call)));
    }

    /// What Celery's own client gets from the Java worker and from the Python worker.
    private record Both(Object java, Object python) {}

    private Both ask(String call) {
        var answers = inspect(call);
        return new Both(
                Objects.requireNonNull(answers.get(java)),
                Objects.requireNonNull(answers.get(pythonWorker.name())));
    }

    private Both tell(String call) {
        var answers =
                (List<?>)
                        Objects.requireNonNull(
                                celery.eval(
                                        "app.control.%s, destination=['%s', '%s'], reply=True, timeout=20)"
                                                .formatted(
                                                        call.replaceFirst("\\)$", "")
                                                                .replaceFirst("\\($", "(*()"),
                                                        java,
                                                        pythonWorker.name())));
        return new Both(
                Objects.requireNonNull(of(answers, java)),
                Objects.requireNonNull(of(answers, pythonWorker.name())));
    }

    private static @Nullable Object of(List<?> answers, String node) {
        return answers.stream()
                .map(answer -> ((Map<?, ?>) answer).get(node))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Test
    void eachObeysTheOwnCommandsOfTheOthersWorkers() {
        assertThat(
                        muster.control()
                                .to(pythonWorker.name())
                                .within(PATIENCE)
                                .ask("control_double", Map.of("n", 21)))
                .isEqualTo(Map.of(pythonWorker.name(), Map.of("ok", 42L)));
        assertThat(
                        celery.eval(
                                "app.control.broadcast('control_halve', {'n': 42}, destination=['%s'], reply=True, timeout=20)"
                                        .formatted(java)))
                .isEqualTo(List.of(Map.of(java, Map.of("ok", 21L))));
    }

    @Test
    void aPythonClientSeesARunningTaskInAJavaWorkerAsInItsOwn() throws Exception {
        var gate = folder.resolve("gate");
        muster.send(call("control.wait", gate.toString()).queue(javaQueue));
        muster.send(call("control.wait", gate.toString()).queue(pythonQueue));
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> ask("active()"), both -> isOne(both.java) && isOne(both.python));
            var both = ask("active()");
            var mine = first(both.java);
            var theirs = first(both.python);

            assertThat(keys(mine)).isEqualTo(keys(theirs));
            for (var same : List.of("args", "kwargs", "name", "acknowledged")) {
                assertThat(member(mine, same)).as(same).isEqualTo(member(theirs, same));
            }
            assertThat(keys(member(mine, "delivery_info")))
                    .isEqualTo(keys(member(theirs, "delivery_info")));
            var id = String.valueOf(member(mine, "id"));
            var query = member(inspect("query_task('%s')".formatted(id)), java);
            assertThat(member(query, id)).asString().startsWith("[active");
        } finally {
            Files.createFile(gate);
        }
    }

    private static Object first(Object list) {
        return Objects.requireNonNull(((List<?>) list).getFirst());
    }

    private static Object member(Object map, String key) {
        return Objects.requireNonNull(((Map<?, ?>) map).get(key), key);
    }

    private static Set<String> keys(Object map) {
        return ((Map<?, ?>) map)
                .keySet().stream()
                        .map(String::valueOf)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isOne(Object answer) {
        return answer instanceof List<?> list && list.size() == 1;
    }

    @Test
    void aJavaWorkerIsDescribedAsAPythonWorkerIs() {
        var stats = ask("stats()");
        assertThat(keys(stats.java)).containsAll(keys(stats.python));
        for (var part : List.of("pool", "broker")) {
            var wanted = keys(member(stats.python, part));
            wanted.remove("writes"); // of the pipes to prefork's children
            assertThat(keys(member(stats.java, part))).containsAll(wanted);
        }
        var queues = ask("active_queues()");
        assertThat(keys(first(queues.java))).isEqualTo(keys(first(queues.python)));
        var registered = ask("registered()");
        assertThat(registered.java.toString()).startsWith("[control.add").contains("control.wait");
        assertThat(registered.python.toString())
                .startsWith("[control.add")
                .contains("control.wait");
        assertThat(ask("conf()").java).isInstanceOf(Map.class);
        assertThat(ask("report()").java).isInstanceOf(Map.class);
        assertThat(ask("clock()").java.toString()).contains("clock");
        // Python's tells its memory only with psutil.
        assertThat(member(inspect("memsample()"), java)).isInstanceOf(String.class);
        assertThat(ask("ping()")).isEqualTo(new Both(Map.of("ok", "pong"), Map.of("ok", "pong")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rate_limit('control.add', '10/m')",
                "rate_limit('control.add', 0)",
                "rate_limit('control.nosuch', '10/m')",
                "rate_limit('control.add', 'often')",
                "time_limit('control.add', hard=120, soft=60)",
                "time_limit('control.nosuch', hard=120)",
                "pool_grow(1)",
                "pool_shrink(1)",
                "add_consumer('control-more')",
                "cancel_consumer('control-more')",
                "enable_events()",
                "enable_events()",
                "disable_events()",
                "broadcast('nosuch')",
            })
    void aJavaWorkerAnswersACommandAsAPythonWorkerDoes(String call) {
        var both = tell(call);

        assertThat(both.java).isEqualTo(both.python);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"autoscale(3, 1)", "broadcast('pool_restart')", "broadcast('rate_limit')"})
    void aJavaWorkerRefusesWhatAPythonWorkerRefuses(String call) {
        var both = tell(call);

        assertThat(both.python.toString()).contains("error");
        assertThat(both.java.toString()).contains("error");
    }

    @Test
    void revokedTasksSpreadBothWaysWhenWorkersMeet() {
        var byPython = UUID.randomUUID().toString();
        celery.eval("app.control.revoke('%s', destination=['%s'])".formatted(byPython, java));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> ((List<?>) ask("revoked()").java).contains(byPython));

        try (var late =
                CeleryWorker.start(
                        CeleryWorker.Options.of(APP.formatted(""), brokerUrl())
                                .withResults(resultBackend())
                                .withQueues(pythonQueue))) {
            assertThat(muster.control().to(late.name()).within(PATIENCE).ask("revoked"))
                    .extractingByKey(late.name())
                    .asString()
                    .contains(byPython);
        }
        try (var late = muster.worker().hostname("late@here").queues(javaQueue).start()) {
            assertThat(late.awaitReady(PATIENCE)).isTrue();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() ->
                            String.valueOf(
                                            muster.control()
                                                    .to("late@here")
                                                    .within(PATIENCE)
                                                    .ask("revoked"))
                                    .contains(byPython));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping",
                "active",
                "reserved",
                "scheduled",
                "revoked",
                "registered",
                "stats",
                "active_queues",
                "conf",
                "report",
                "clock",
                "memsample"
            })
    void aJavaClientAsksBoth(String command) {
        var answers =
                muster.control()
                        .to(java, pythonWorker.name())
                        .within(Duration.ofSeconds(20))
                        .ask(command);

        assertThat(answers).containsOnlyKeys(java, pythonWorker.name());
        assertThat(answers.values().toString()).doesNotContain("error");
    }

    @Test
    void aJavaClientCommandsAPythonWorker() {
        var control = muster.control().to(pythonWorker.name()).within(Duration.ofSeconds(20));

        assertThat(
                        control.ask(
                                "rate_limit",
                                Map.of("task_name", "control.add", "rate_limit", "5/s")))
                .extractingByKey(pythonWorker.name())
                .isEqualTo(Map.of("ok", "new rate limit set successfully"));
        assertThat(control.ask("pool_grow", Map.of("n", 1)))
                .extractingByKey(pythonWorker.name())
                .isEqualTo(Map.of("ok", "pool will grow"));
        assertThat(control.ask("nosuch"))
                .extractingByKey(pythonWorker.name())
                .isEqualTo(Map.of("error", "KeyError('nosuch')"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "inspect ping",
                "inspect active",
                "inspect stats",
                "inspect active_queues",
                "inspect registered",
                "inspect conf",
                "inspect report",
                "inspect scheduled",
                "inspect reserved",
                "inspect revoked",
                "inspect clock",
                "inspect query_task some-id",
                "inspect memsample",
                "control rate_limit control.add 10/m",
                "control time_limit control.add 30 60",
                "control pool_grow 1",
                "control pool_shrink 1",
                "control add_consumer control-more",
                "control cancel_consumer control-more",
                "control revoke some-id"
            })
    void theCommandOfCeleryTalksToAJavaWorker(String words) {
        var outcome =
                Python.program(
                                """
                                import sys
                                %s
                                app.start(['-b', %s] + sys.argv[1:])
                                """
                                        .formatted(APP.formatted(""), "'" + brokerUrl() + "'"))
                        .withVariable("CELERY_BROKER_URL", brokerUrl())
                        .withVariable("CELERY_RESULT_BACKEND", resultBackend())
                        .withArguments((words + " -d " + java + " -t 20").split(" ", -1))
                        .run();

        assertThat(outcome).anyMatch(line -> line.contains(java) && line.contains("OK"));
    }
}
