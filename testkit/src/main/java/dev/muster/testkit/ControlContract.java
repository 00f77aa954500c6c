package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.ControlCommand;
import dev.muster.queue.Default;
import dev.muster.queue.Kwargs;
import dev.muster.queue.Muster;
import dev.muster.queue.NotATaskException;
import dev.muster.queue.Task;
import dev.muster.queue.Worker;
import dev.muster.queue.control.CommandException;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What remote control must do over a broker: workers hear commands, obey them, and answer. Extend
/// it, and name a server.
@Timeout(120)
public abstract class ControlContract {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String queue = "control-" + UUID.randomUUID();
    private final String name = "node-%s@here".formatted(UUID.randomUUID());
    private final Tasks tasks = new Tasks();
    private Muster muster;
    private Worker worker;

    /// Broker and result store.
    protected abstract Map<String, Object> settings();

    static final class Tasks {
        final Semaphore gate = new Semaphore(0);
        final AtomicInteger running = new AtomicInteger();

        @Task(name = "control.gated", rateLimit = "1000/s")
        void gated(int number) {
            running.incrementAndGet();
            gate.acquireUninterruptibly();
            running.decrementAndGet();
        }

        @Task(name = "control.quick")
        int quick(int number) {
            return number;
        }

        @ControlCommand(name = "control_of", aliases = "control_alias")
        Map<String, Object> commanded(
                Worker worker,
                int number,
                @Default("none") String text,
                @Kwargs Map<String, Object> more) {
            if (number < 0) {
                throw new CommandException("no such number");
            }
            return Map.of(
                    "worker", worker.hostname(), "number", number, "text", text, "more", more);
        }

        @Task(name = "control.patient")
        String patient() throws InterruptedException {
            gate.acquire();
            return "in time";
        }
    }

    @BeforeEach
    final void start() {
        muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT
                                        .withAll(settings())
                                        .with(
                                                "beat_schedule_store",
                                                "redis://:hidden@127.0.0.1:1/0")
                                        .with(
                                                "beat_schedule",
                                                "{nightly: {task: t, schedule: 9, kwargs: {api_key: hidden}}}"))
                        .register(tasks)
                        .build();
        worker = started(muster.worker().concurrency(2));
    }

    private Worker started(Worker.Builder builder) {
        var made = builder.hostname(name).queues(queue).start();
        assertThat(made.awaitReady(PATIENCE)).isTrue();
        return made;
    }

    private void restart(Worker.Builder builder) {
        worker.close();
        worker = started(builder);
    }

    @AfterEach
    final void stop() {
        tasks.gate.release(10_000);
        worker.close();
        muster.close();
    }

    private void send(int count) {
        for (var number = 0; number < count; number++) {
            muster.send(call("control.gated", number).queue(queue));
        }
    }

    private void awaitRunning(int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> tasks.running.get() == count);
    }

    private Object ask(String method, Map<String, ?> arguments) {
        var answers = muster.control().to(name).within(PATIENCE).ask(method, arguments);
        assertThat(answers).containsOnlyKeys(name);
        return Objects.requireNonNull(answers.get(name));
    }

    private Object ask(String method) {
        return ask(method, Map.of());
    }

    private static Map<?, ?> map(Object of, String key) {
        return (Map<?, ?>) Objects.requireNonNull(((Map<?, ?>) of).get(key));
    }

    private List<?> list(String method) {
        return (List<?>) ask(method);
    }

    @Test
    void aWorkerAnswersWhoCallsIt() {
        assertThat(ask("ping")).isEqualTo(Map.of("ok", "pong"));
        assertThat(muster.control().matching("node-*@h[a-e]re").within(PATIENCE).to(name).ping())
                .containsKey(name);
    }

    @Test
    void aWorkerDoesNotAnswerWhatIsForOthers() {
        var briefly = muster.control().within(Duration.ofMillis(500));

        assertThat(briefly.to("nobody@here").ping()).isEmpty();
        assertThat(briefly.matching("other*").ping()).doesNotContainKey(name);
        assertThat(briefly.matchingRegex("node-.*@there").ping()).doesNotContainKey(name);
        assertThat(briefly.matching("node-*").ping()).containsKey(name);
        assertThat(briefly.matchingRegex("node-").ping()).containsKey(name);
    }

    @Test
    void whatCannotBeObeyedIsToldAndChangesNothing() {
        assertThat(ask("nosuch")).isEqualTo(Map.of("error", "KeyError('nosuch')"));
        assertThat(ask("revoke").toString()).contains("error", "TypeError", "task_id");
        assertThat(ask("rate_limit", Map.of("task_name", "no", "rate_limit", "1/s")))
                .isEqualTo(Map.of("error", "unknown task"));
        assertThat(ask("rate_limit", Map.of("task_name", "control.quick", "rate_limit", "x")))
                .asString()
                .contains("error=Invalid rate limit string");
        assertThat(ask("autoscale").toString()).contains("Autoscale not enabled");
        assertThat(ask("pool_shrink", Map.of("n", 2)).toString()).contains("error");
        assertThat(ask("pool_grow", Map.of("n", "many")).toString()).contains("error");
        assertThat(ask("pool_grow", Map.of("n", -1)).toString()).contains("error");
        assertThatThrownBy(() -> muster.control().to())
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ask("ping")).isEqualTo(Map.of("ok", "pong"));
    }

    @Test
    void tellsWhatRunsWhatWaitsAndWhatIsForLater() {
        send(3);
        muster.send(call("control.quick", 9).queue(queue).countdown(Duration.ofMillis(900)));
        awaitRunning(2);

        assertThat(list("active"))
                .hasSize(2)
                .allSatisfy(item -> {
                    var request = (Map<?, ?>) item;
                    assertThat(request.get("name")).isEqualTo("control.gated");
                    assertThat(request.get("hostname")).isEqualTo(name);
                    assertThat(request.get("time_start")).isInstanceOf(Double.class);
                    assertThat(request.get("acknowledged")).isEqualTo(true);
                    assertThat(request.get("args")).isInstanceOf(List.class);
                });
        Awaitility.await().atMost(PATIENCE).until(() -> !list("reserved").isEmpty());
        var waiting = (Map<?, ?>) list("reserved").getFirst();
        assertThat(waiting.get("time_start")).isNull();
        assertThat(ask("query_task", Map.of("ids", String.valueOf(waiting.get("id")))))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsOnlyKeys(waiting.get("id"));
        assertThat(ask("active", Map.of("safe", true)).toString()).contains("args=(");
    }

    @Test
    void tellsWhatItKnowsAndWhatItIs() {
        assertThat(list("registered"))
                .asString()
                .contains("control.gated [rate_limit=1000/s]", "control.quick");
        muster.send(call("control.quick", 1).queue(queue)).get(PATIENCE);
        var stats = (Map<?, ?>) ask("stats");
        assertThat(stats.get("total")).isEqualTo(Map.of("control.quick", 1L));
        assertThat(map(stats, "pool").get("max-concurrency")).isEqualTo(2L);
        assertThat(map(stats, "pool").get("processes"))
                .isEqualTo(List.of(ProcessHandle.current().pid()));
        assertThat(list("active_queues"))
                .singleElement()
                .satisfies(item -> assertThat(((Map<?, ?>) item)).hasSize(18));
        assertThat(ask("conf").toString())
                .contains("broker_url", "kwargs={api_key=********}", "redis://:**@127.0.0.1:1/0")
                .doesNotContain("hidden");
        assertThat(ask("report").toString()).contains("software");
        assertThat(ask("memsample").toString()).endsWith("MB");
        assertThat(ask("clock").toString()).contains("clock");
        assertThat(ask("objgraph").toString()).contains("error");
    }

    @Test
    void revokesAndTellsWhich() {
        send(3);
        awaitRunning(2);
        var last = muster.send(call("control.quick", 1).id("r-" + name).queue(queue));

        assertThat(ask("revoke", Map.of("task_id", last.id())))
                .isEqualTo(Map.of("ok", "tasks {'%s'} flagged as revoked".formatted(last.id())));

        assertThat(list("revoked")).isEqualTo(List.of(last.id()));
        assertThat(ask("terminate", Map.of("task_id", "unknown")))
                .isEqualTo(Map.of("ok", "terminate: tasks unknown"));
        tasks.gate.release(3);
        Awaitility.await().atMost(PATIENCE).until(() -> last.state().name().equals("REVOKED"));
    }

    @Test
    void growsAndShrinks() {
        send(4);
        awaitRunning(2);

        assertThat(ask("pool_grow", Map.of("n", 2))).isEqualTo(Map.of("ok", "pool will grow"));
        awaitRunning(4);
        assertThat(worker.concurrency()).isEqualTo(4);

        assertThat(ask("pool_shrink", Map.of("n", 3))).isEqualTo(Map.of("ok", "pool will shrink"));
        send(6);
        tasks.gate.release(4);
        awaitRunning(1);
        assertThat(list("active")).hasSize(1);
        for (var left = 6; left > 0; left--) {
            awaitRunning(1);
            tasks.gate.release();
        }
        awaitRunning(0);
    }

    @Test
    void readsMoreQueuesAndFewerWhileTasksRun() {
        send(1);
        awaitRunning(1);
        var other = queue + "-other";

        assertThat(ask("add_consumer", Map.of("queue", other)))
                .isEqualTo(Map.of("ok", "add consumer " + other));
        assertThat(muster.send(call("control.quick", 5).queue(other)).get(PATIENCE)).isEqualTo(5L);
        assertThat(worker.queues()).isEqualTo(Set.of(queue, other));

        assertThat(ask("cancel_consumer", Map.of("queue", other)))
                .isEqualTo(Map.of("ok", "no longer consuming from " + other));
        assertThat(muster.send(call("control.quick", 6).queue(queue)).get(PATIENCE)).isEqualTo(6L);
        var unread = muster.send(call("control.quick", 7).queue(other));
        assertThat(muster.send(call("control.quick", 8).queue(queue)).get(PATIENCE)).isEqualTo(8L);
        assertThat(muster.queueLength(other)).isEqualTo(1);
        assertThat(tasks.running).hasValue(1);

        ask("cancel_consumer", Map.of("queue", queue));
        ask("add_consumer", Map.of("queue", other));
        assertThat(unread.get(PATIENCE)).isEqualTo(7L);
        muster.purge(other);
    }

    @Test
    void changesRatesAndTimeLimits() {
        assertThat(ask("rate_limit", Map.of("task_name", "control.quick", "rate_limit", "1/h")))
                .isEqualTo(Map.of("ok", "new rate limit set successfully"));
        assertThat(list("registered")).asString().contains("control.quick [rate_limit=1/h]");
        muster.send(call("control.quick", 1).queue(queue)).get(PATIENCE);
        var held = muster.send(call("control.quick", 2).queue(queue));
        Awaitility.await().atMost(PATIENCE).until(() -> list("reserved").size() == 1);
        assertThat(held.state().isReady()).isFalse();
        assertThat(ask("rate_limit", Map.of("task_name", "control.quick", "rate_limit", 0)))
                .isEqualTo(Map.of("ok", "rate limit disabled successfully"));
        assertThat(muster.send(call("control.quick", 3).queue(queue)).get(PATIENCE)).isEqualTo(3L);

        assertThat(
                        ask(
                                "time_limit",
                                Map.of("task_name", "control.patient", "hard", 20, "soft", 0.1)))
                .isEqualTo(Map.of("ok", "time limits set successfully"));
        var late = muster.send(call("control.patient").queue(queue));
        Awaitility.await().atMost(PATIENCE).until(() -> late.state().isReady());
        assertThat(late.state().name()).isEqualTo("FAILURE");
    }

    @Test
    void followsTheLoadWhenItIsAutoscaled() {
        restart(muster.worker().autoscale(3, 1));
        assertThat(worker.concurrency()).isEqualTo(1);
        send(3);

        awaitRunning(3);
        assertThat(ask("autoscale", Map.of("max", 5, "min", 2)))
                .isEqualTo(Map.of("ok", "autoscale now max=5 min=2"));
        assertThat(ask("pool_grow").toString()).contains("error");
    }

    @Test
    void introducesItselfToAnotherWorker() {
        ask("revoke", Map.of("task_id", "old-" + name));

        var answer =
                (Map<?, ?>)
                        ask(
                                "hello",
                                Map.of(
                                        "from_node",
                                        "new@there",
                                        "revoked",
                                        Map.of("x-" + name, List.of(1.5, "x"))));

        assertThat(map(answer, "revoked").keySet().toString()).contains("old-" + name, "x-" + name);
        assertThat(answer.get("clock")).isInstanceOf(Long.class);
    }

    @Test
    void obeysTheCommandsOfItsApplication() {
        assertThat(ask("control_of", Map.of("number", 3, "other", List.of(1))))
                .isEqualTo(
                        Map.of(
                                "worker",
                                name,
                                "number",
                                3L,
                                "text",
                                "none",
                                "more",
                                Map.of("other", List.of(1L))));
        assertThat(ask("control_alias", Map.of("number", 4, "text", "some")).toString())
                .contains("number=4", "text=some");
        assertThat(ask("control_of", Map.of("number", -1)))
                .isEqualTo(Map.of("error", "no such number"));
        assertThat(ask("control_of").toString())
                .contains("error=TypeError", "missing 1 required positional argument: 'number'");
        assertThat(ask("control_of", Map.of("number", "many")).toString())
                .contains("error=TypeError", "argument 'number'");
    }

    static final class Colliding {
        private Colliding() {}

        @ControlCommand
        static String ping() {
            return "mine";
        }
    }

    @Test
    void refusesToStartWithACommandThatThereIsAlready() {
        try (var other =
                Muster.builder()
                        .settings(Settings.DEFAULT.withAll(settings()))
                        .tasks(Colliding.class)
                        .build()) {
            assertThatThrownBy(() -> other.worker().start())
                    .isInstanceOf(NotATaskException.class)
                    .hasMessageContaining("would be the command 'ping', which there is already");
        }
    }

    @Test
    void endsWhenItIsTold() {
        muster.control().to(name).tell("shutdown");

        assertThat(worker.awaitStopped(PATIENCE)).isTrue();
    }
}
