package dev.muster.queue.amqp;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.Recipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// The recipe of docs/security.md for users of RabbitMQ, as it is printed there.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class LeastPrivilegeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private RabbitServer server;

    static final class Tasks {
        private Tasks() {}

        @Task(name = "least.add")
        static long add(long a, long b) {
            return a + b;
        }

        @Task(name = "least.again", maxRetries = 1)
        static long again(TaskContext task) {
            if (task.retries() == 0) {
                throw task.retry(Duration.ofSeconds(1), new IllegalStateException("not yet"));
            }
            return task.retries();
        }
    }

    @BeforeAll
    void start() {
        server = RabbitServer.create();
        for (var words : Recipe.commands("rabbitmq")) {
            assertThat(words.getFirst()).isEqualTo("rabbitmqctl");
            server.control("add_user", words.get(2), "secret");
            server.control(words.subList(1, words.size()).toArray(String[]::new));
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Muster as(String user) {
        var url = "amqp://muster-%s:secret@127.0.0.1:%d//".formatted(user, server.port());
        return Muster.builder()
                .settings(
                        Settings.DEFAULT
                                .with("broker_url", url)
                                .with("worker_send_task_events", true))
                .tasks(Tasks.class)
                .build();
    }

    @Test
    void eachCanDoItsWorkAndNoMore() {
        try (var client = as("client");
                var app = as("worker");
                var monitor = as("monitor")) {
            assertThatThrownBy(() -> client.send(call(Tasks::add, 1L, 2L)))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("there is no queue 'celery'")
                    .hasMessageContaining("let a worker do so first");
            try (var worker = app.worker().start()) {
                assertThat(worker.awaitReady(PATIENCE)).isTrue();
                try (var events = monitor.receiveEvents()) {
                    assertThat(client.send(call(Tasks::add, 1L, 2L)).get(PATIENCE)).isEqualTo(3);
                    var seen = new ArrayList<String>();
                    Awaitility.await()
                            .atMost(PATIENCE)
                            .until(() -> {
                                events.take(Duration.ofSeconds(1))
                                        .forEach(event -> seen.add(event.type()));
                                return seen.contains("task-succeeded");
                            });
                }
                assertThat(client.send(call(Tasks::again)).get(PATIENCE)).isEqualTo(1);
                assertThat(app.control().to(worker.hostname()).within(PATIENCE).ping())
                        .containsOnlyKeys(worker.hostname());

                for (var forbidden :
                        List.<ThrowingCallable>of(
                                () -> client.purge("celery"),
                                () -> client.control().ping(),
                                () -> client.worker().start().awaitStopped(PATIENCE),
                                () -> monitor.send(call(Tasks::add, 1L, 2L).ignoreResult(true)),
                                () -> monitor.control().ping())) {
                    assertThatThrownBy(forbidden)
                            .isInstanceOf(BrokerException.class)
                            .hasMessageContaining("403 ACCESS_REFUSED");
                }
            }
        }
    }
}
