package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.Python;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How messages that are kept back look to Python peers (docs/decisions/0006).
@Timeout(180)
class DelayedMessagesTest {
    /// One look of kombu for what its workers must bring back, so many seconds from now.
    private static final String RESTORE =
            """
            import sys, time
            import kombu.transport.redis
            from kombu import Connection
            ahead = float(sys.argv[2])
            kombu.transport.redis.time = lambda: time.time() + ahead
            channel = Connection(sys.argv[1]).channel()
            channel.qos.restore_visible(num=10, interval=1)
            """;

    private final Redis redis = Redis.database();
    private final Queue queue = Queue.named("q");

    private static Publication later(String text, Duration delay) {
        return new Publication("", "q", Redis.message(text), Instant.now().plus(delay));
    }

    private void restoreAsPythonDoes(Duration ahead) {
        Python.program(RESTORE).withArguments(redis.url(), Long.toString(ahead.toSeconds())).run();
    }

    @Test
    void withoutAJavaWorkerTheMessageIsForWhoeverTakesIt() {
        try (var broker = redis.broker(Map.of())) {
            broker.publish(List.of(later("x", Duration.ofHours(1))));
        }

        assertThat(redis.command("LLEN", "q")).isEqualTo("1");
        assertThat(redis.command("EXISTS", "unacked", "unacked_index", "muster.delayed"))
                .isEqualTo("0");
    }

    @Test
    void pythonBringsBackWhatIsDueWhenAllJavaWorkersAreGone() {
        try (var broker = redis.broker(Map.of())) {
            broker.consume(List.of(queue), 0).close();
            broker.publish(List.of(later("x", Duration.ofHours(1))));
        }
        assertThat(redis.command("HLEN", "unacked")).isEqualTo("1");

        restoreAsPythonDoes(Duration.ofMinutes(59));
        assertThat(redis.command("LLEN", "q")).isEqualTo("0");

        restoreAsPythonDoes(Duration.ofMinutes(61));
        assertThat(redis.command("LLEN", "q")).isEqualTo("1");
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 0)) {
            var delivery = Redis.take(consumer, 1).getFirst();
            assertThat(Redis.body(delivery)).isEqualTo("x");
            delivery.ack();
        }
        assertThat(redis.command("EXISTS", "unacked", "unacked_index")).isEqualTo("0");
    }

    @Test
    void whatAPythonWorkerTookEarlyStaysWithIt() {
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 0)) {
            broker.publish(List.of(later("x", Duration.ofMillis(1500))));
            var tag = String.valueOf(redis.command("HKEYS", "unacked"));
            redis.command("ZADD", "unacked_index", "4102444800", tag);

            Awaitility.await()
                    .atMost(Redis.PATIENCE)
                    .until(() -> "0".equals(redis.command("ZCARD", "muster.delayed")));

            assertThat(redis.command("HKEYS", "unacked")).isEqualTo(tag);
            assertThat(consumer.take(1, Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void whatIsForNoListIsKeptAndKeepsNothingElseFromItsTime() {
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 0)) {
            var soon = Instant.now().plusMillis(1500);
            broker.publish(
                    List.of(
                            new Publication("", "muster.delayed", Redis.message("lost?"), soon),
                            new Publication("", "q", Redis.message("x"), soon.plusMillis(1))));

            Redis.take(consumer, 1).getFirst().ack();

            assertThat(redis.command("HLEN", "unacked")).isEqualTo("1");
            assertThat(redis.command("ZCARD", "unacked_index")).isEqualTo("1");
        }
    }

    @Test
    void aWorkerLetsGoOfWhatItHasTakenUntilItsTime() {
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 1)) {
            broker.publish(List.of(Redis.to("q", "patient"), Redis.to("q", "at once")));
            var due = Instant.now().plusMillis(1500);
            var patient = Redis.take(consumer, 1).getFirst();

            assertThat(patient.postpone(due)).isTrue();

            patient.ack();
            var other = Redis.take(consumer, 1).getFirst();
            assertThat(Redis.body(other)).isEqualTo("at once");
            other.ack();
            var again = Redis.take(consumer, 1).getFirst();
            assertThat(Instant.now()).isAfterOrEqualTo(due.minusMillis(1));
            assertThat(Redis.body(again)).isEqualTo("patient");
            assertThat(again.redelivered()).isFalse();
            again.ack();
            assertThat(again.postpone(due)).isFalse();
        }
        assertThat(redis.command("EXISTS", "unacked", "unacked_index", "muster.delayed"))
                .isEqualTo("0");
    }

    /// Found by a campaign of faults: the renewal had listed the message before it was let go of,
    /// and made it look as if a Python worker held it.
    @Test
    void aRenewalThatComesLateLeavesWhatHasBeenLetGoOf() throws IOException {
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 1);
                var renewal = Script.class.getResourceAsStream("refresh.lua")) {
            broker.publish(List.of(Redis.to("q", "patient")));
            assertThat(Redis.take(consumer, 1).getFirst().postpone(Instant.now().plusMillis(1500)))
                    .isTrue();

            redis.command(
                    "EVAL",
                    new String(Objects.requireNonNull(renewal).readAllBytes(), UTF_8),
                    "3",
                    "unacked",
                    "unacked_index",
                    "muster.leases",
                    "4102444800",
                    String.valueOf(redis.command("HKEYS", "unacked")));

            var again = Redis.take(consumer, 1).getFirst();
            assertThat(Redis.body(again)).isEqualTo("patient");
            again.ack();
        }
    }
}
