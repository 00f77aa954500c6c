package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Taking tasks back: by handle, by stamp, by commands as Python sends them.
class RevocationTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Tasks tasks = new Tasks();
    private final Muster muster =
            Muster.builder()
                    .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                    .register(tasks)
                    .build();
    private @Nullable Worker worker;

    static class Tasks {
        private final Semaphore gate = new Semaphore(0);
        private final AtomicInteger started = new AtomicInteger();

        @Task(name = "gated")
        void gated() {
            started.incrementAndGet();
            gate.acquireUninterruptibly();
        }

        @Task(name = "quick")
        static String quick() {
            return "ran";
        }
    }

    @AfterEach
    void close() {
        tasks.gate.release(1_000);
        if (worker != null) {
            worker.close();
        }
        muster.close();
    }

    private Worker start(Worker.Builder builder) {
        var started = builder.concurrency(1).start();
        worker = started;
        assertThat(started.awaitReady(LONG)).isTrue();
        return started;
    }

    private void awaitStarted(int count) {
        Awaitility.await().atMost(LONG).until(() -> tasks.started.get() == count);
    }

    private static void assertRevoked(Result<? extends @Nullable Object> result, String reason) {
        assertThatThrownBy(() -> result.get(LONG))
                .isInstanceOfSatisfying(
                        TaskRevokedException.class,
                        revoked -> assertThat(revoked.remoteArguments()).containsExactly(reason));
    }

    /// A command as it stands in celery-wire 7.4.
    private void command(String json) {
        muster.broker()
                .publish(
                        List.of(
                                new Publication(
                                        "celery.pidbox",
                                        "",
                                        new Message(
                                                json.getBytes(StandardCharsets.UTF_8),
                                                "application/json",
                                                "utf-8",
                                                Map.of("clock", 1, "expires", 0.0),
                                                Message.Properties.DEFAULT))));
    }

    @Test
    void aHandleTakesItsTaskBack() {
        start(muster.worker());
        var running = muster.send(call("gated"));
        awaitStarted(1);
        var waiting = muster.send(call("quick"));

        waiting.revoke();
        running.terminate();

        assertRevoked(running, "terminated");
        assertRevoked(waiting, "revoked");
    }

    @Test
    void theHandleOfAGroupTakesAllItsMembersBack() {
        start(muster.worker());
        var first = muster.send(call("gated"));
        awaitStarted(1);
        var others = muster.send(group(call("quick"), call("quick")));
        var kept = muster.send(call("quick"));

        others.terminate(Signal.KILL);
        first.terminate(Signal.KILL);

        others.results().forEach(result -> assertRevoked(result, "revoked"));
        assertThat(kept.get(LONG)).isEqualTo("ran");
    }

    @Test
    void aStampTakesAllBackThatCarryIt() {
        start(muster.worker());
        var running = muster.send(call("gated"));
        awaitStarted(1);
        var one = muster.send(call("quick").stamp("customer", "Smith"));
        var several = muster.send(call("quick").stamp("customer", List.of("Miller", "Jones", 7)));
        var number = muster.send(call("quick").stamp("order", 17));
        var other = muster.send(call("quick").stamp("customer", "Miller").stamp("order", 18));
        var none = muster.send(call("quick"));

        muster.revokeByStamp("customer", "Jones", "Smith");
        muster.revokeByStamp("order", 17);
        running.terminate();

        assertRevoked(one, "revoked");
        assertRevoked(several, "revoked");
        assertRevoked(number, "revoked");
        assertThat(other.get(LONG)).isEqualTo("ran");
        assertThat(none.get(LONG)).isEqualTo("ran");
    }

    @Test
    void aStampStopsWhatRuns() {
        start(muster.worker());
        var running = muster.send(call("gated").stamp("customer", List.of("Smith")));
        awaitStarted(1);

        muster.revokeByStamp("customer", "Smith");
        muster.terminateByStamp(Signal.TERM, "customer", "Jones");
        muster.terminateByStamp(Signal.TERM, "customer", "Smith");

        assertRevoked(running, "terminated");
        var later = muster.send(call("quick").stamp("customer", "Smith"));
        assertRevoked(later, "revoked");
    }

    @Test
    void commandsOfPythonAreObeyed() {
        start(muster.worker());
        var running = muster.send(call("gated").id("id-1"));
        awaitStarted(1);
        var byMap = muster.send(call("quick").stamp("mid", List.of("b")));
        var byText = muster.send(call("quick").stamp("tenant", "x=y"));
        var single = muster.send(call("quick").stamp("single", "one"));
        var kept = muster.send(call("quick").stamp("mid", List.of("c")));

        command(
                """
                {"method": "revoke_by_stamped_headers",
                 "arguments": {"headers": {"mid": ["a", "b"], "single": "one"}, "terminate": false,
                               "signal": "SIGTERM"},
                 "destination": null, "pattern": null, "matcher": null}
                """);
        command(
                """
                {"method": "revoke_by_stamped_headers",
                 "arguments": {"headers": ["tenant=x=y"], "terminate": true, "signal": 9}}
                """);
        command(
                """
                {"method": "terminate", "arguments": {"task_id": "id-1", "signal": "KILL"}}
                """);

        assertRevoked(running, "terminated");
        assertRevoked(byMap, "revoked");
        assertRevoked(byText, "revoked");
        assertRevoked(single, "revoked");
        assertThat(kept.get(LONG)).isEqualTo("ran");
    }

    /// What a worker hears.
    private Object command(Revocation revocation) {
        var queue =
                new Queue(
                        "ear",
                        new Exchange("celery.pidbox", Exchange.Type.FANOUT, false),
                        "",
                        Queue.Lifetime.REPLIES,
                        Map.of());
        muster.broker().declare(queue);
        try (var consumer = muster.broker().consume(List.of(queue), 0)) {
            muster.control().tell(revocation.method(), revocation.arguments());
            var message = consumer.take(1, LONG).getFirst().message();
            return Objects.requireNonNull(new Json(false).read(message.body()));
        }
    }

    @Test
    void theCommandIsCelerys() {
        var stamps =
                new Revocation(
                        new Revocation.Target.Stamps(Map.of("mid", List.of("a", "b"))),
                        Signal.KILL);

        assertThat(command(stamps))
                .isEqualTo(
                        new Json(false)
                                .read(
                                        """
                                        {"method": "revoke_by_stamped_headers",
                                         "arguments": {"headers": {"mid": ["a", "b"]}, "terminate": true,
                                                       "signal": "SIGKILL"},
                                         "destination": null, "pattern": null, "matcher": null}
                                        """));
        assertThat(command(Revocation.ofIds(List.of("id-1"), null)))
                .isEqualTo(
                        new Json(false)
                                .read(
                                        """
                                        {"method": "revoke",
                                         "arguments": {"task_id": ["id-1"], "terminate": false,
                                                       "signal": "SIGTERM"},
                                         "destination": null, "pattern": null, "matcher": null}
                                        """));
    }

    @Test
    void signalsHaveTheirUsualNames() {
        assertThat(List.of("TERM", "sigterm", " SIGTERM "))
                .allSatisfy(name -> assertThat(Signal.of(name)).isEqualTo(Signal.TERM));
        assertThat(Signal.KILL.wireName()).isEqualTo("SIGKILL");
        assertThatThrownBy(() -> Signal.of("SIGWHAT"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("KILL")
                .hasMessageContaining("SIGWHAT");
    }

    @Test
    void stampsSurviveARestartOfTheWorker(@TempDir Path folder) {
        var file = folder.resolve("revoked.json");
        try (var first = muster.worker().stateFile(file).start()) {
            assertThat(first.awaitReady(LONG)).isTrue();
            muster.revokeByStamp("customer", "Smith", 7);
            Awaitility.await().atMost(LONG).until(() -> file.toFile().exists());
        }

        start(muster.worker().stateFile(file));

        var listed = muster.send(call("quick").stamp("customer", List.of(7)));
        assertRevoked(listed, "revoked");
        var text = muster.send(call("quick").stamp("customer", "Smith"));
        assertRevoked(text, "revoked");
        assertThat(muster.send(call("quick").stamp("customer", "7")).get(LONG)).isEqualTo("ran");
    }
}
