package dev.muster.queue.redis;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.Recipe;
import dev.muster.testkit.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The recipe of docs/security.md for users of Redis, as it is printed there.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class LeastPrivilegeTest {
    private RedisServer server;

    static final class Tasks {
        private Tasks() {}

        @Task(name = "least.add")
        static long add(long a, long b) {
            return a + b;
        }

        @Task(name = "least.sum")
        static long sum(List<Long> numbers) {
            return numbers.stream().mapToLong(Long::longValue).sum();
        }

        @Task(name = "least.chord")
        static long chord(TaskContext task, long first) {
            if (first > 0) {
                throw task.replace(
                        group(call(Tasks::add, first, 2L), call(Tasks::add, 3L, 4L))
                                .then(Tasks::sum));
            }
            return first;
        }

        @Task(name = "least.again", maxRetries = 1)
        static long again(TaskContext task) {
            if (task.retries() == 0) {
                throw task.retry(Duration.ofSeconds(2), new IllegalStateException("not yet"));
            }
            return task.retries();
        }
    }

    @BeforeAll
    void start() throws IOException {
        server = RedisServer.create();
        for (var words : Recipe.commands("redis")) {
            assertThat(words.getFirst()).isEqualTo("redis-cli");
            server.command(words.subList(1, words.size()).toArray(String[]::new));
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Muster as(String user) {
        var url =
                "redis://muster-%s:%s-PASSWORD@127.0.0.1:%d/0"
                        .formatted(user, user.toUpperCase(Locale.ROOT), server.port());
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", url))
                .tasks(Tasks.class)
                .build();
    }

    @Test
    void eachCanDoItsWorkAndNoMore() throws IOException {
        try (var client = as("client");
                var app = as("worker");
                var worker = app.worker().start()) {
            assertThat(worker.awaitReady(Redis.PATIENCE)).isTrue();
            assertThat(client.send(call(Tasks::add, 1L, 2L)).get(Redis.PATIENCE)).isEqualTo(3);
            assertThat(client.send(call(Tasks::again)).get(Redis.PATIENCE)).isEqualTo(1);
            assertThat(
                            client.send(
                                            call(Tasks::add, 5L, 6L)
                                                    .priority(9)
                                                    .countdown(Duration.ofSeconds(2)))
                                    .get(Redis.PATIENCE))
                    .isEqualTo(11);
            assertThat(
                            client.send(call("least.chord", 1L).returning(Long.class))
                                    .get(Redis.PATIENCE))
                    .isEqualTo(10);
            assertForbidden(() -> client.control().tell("shutdown"));
            assertThat(app.control().to(worker.hostname()).within(Redis.PATIENCE).ping())
                    .containsOnlyKeys(worker.hostname());

            assertForbidden(() -> client.purge("celery"));
            assertForbidden(() -> client.control().ping());
            assertForbidden(() -> client.worker().start().awaitStopped(Redis.PATIENCE));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RPOP celery",
                "LRANGE celery 0 -1",
                "DEL celery",
                "HGET unacked tag",
                "SET celery-task-meta-x 1",
                "PUBLISH celery-task-meta-x 1",
                "PUBLISH /0.celery.pidbox 1",
                "KEYS *",
                "CONFIG GET *",
            })
    void aClientMayNot(String command) throws IOException {
        var words =
                Stream.concat(
                        Stream.of("ACL", "DRYRUN", "muster-client"),
                        Stream.of(command.split(" ", -1)));

        assertThat(server.command(words.toArray(String[]::new))).contains("no permissions");
    }

    private static void assertForbidden(ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOf(MusterException.class)
                .hasMessageContaining("NOPERM");
    }
}
