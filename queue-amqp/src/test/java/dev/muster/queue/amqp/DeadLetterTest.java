package dev.muster.queue.amqp;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.amqp.Brokers.PATIENCE;
import static dev.muster.queue.amqp.Brokers.takeExactly;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.Servers;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which messages of tasks become dead letters, when failures are not acknowledged.
@Timeout(120)
class DeadLetterTest {
    static final class Tasks {
        private Tasks() {}

        @Task(name = "dead.throws", acksLate = Task.Toggle.ON)
        static void fails() {
            throw new IllegalStateException("no");
        }

        /// A value that JSON cannot hold, which shows when its result is to be stored.
        @Task(name = "dead.value", acksLate = Task.Toggle.ON)
        static double value() {
            return Double.NaN;
        }

        @Task(name = "dead.rejects", acksLate = Task.Toggle.ON)
        static void failsWithRejection(TaskContext task) {
            throw task.reject(false);
        }

        @Task(name = "dead.early")
        static void failsAfterAcknowledgement() {
            throw new IllegalStateException("acknowledged before");
        }

        @Task(name = "dead.succeeds", acksLate = Task.Toggle.ON)
        static String succeeds() {
            return "well";
        }
    }

    @Test
    void thoseOfTasksThatFailOrThatNobodyKnowsAre() {
        var read = "read-" + UUID.randomUUID();
        var dead = Queue.named("dead-" + UUID.randomUUID());
        var settings =
                Settings.DEFAULT
                        .with("broker_url", Servers.rabbit().url())
                        .with("task_acks_on_failure_or_timeout", false)
                        .with("task_default_queue", read)
                        .with(
                                "task_queues",
                                Map.of(
                                        read,
                                        Map.of(
                                                "queue_arguments",
                                                Map.of(
                                                        "x-dead-letter-exchange",
                                                        "",
                                                        "x-dead-letter-routing-key",
                                                        dead.name()))));
        try (var broker = Brokers.open(Servers.rabbit().url());
                var muster = Muster.builder().settings(settings).tasks(Tasks.class).build()) {
            broker.declare(dead);
            try (var worker = muster.worker().start();
                    var letters = broker.consume(List.of(dead), 0)) {
                assertThat(worker.awaitReady(PATIENCE)).isTrue();
                for (var name : List.of("early", "throws", "value", "rejects", "unknown")) {
                    muster.send(call("dead." + name));
                }
                assertThat(muster.send(call(Tasks::succeeds)).get(PATIENCE)).isEqualTo("well");
                var found = new HashSet<Object>();
                for (var letter : takeExactly(letters, 4)) {
                    found.add(letter.message().headers().get("task"));
                    letter.ack();
                }
                assertThat(found)
                        .containsExactlyInAnyOrder(
                                "dead.throws", "dead.value", "dead.rejects", "dead.unknown");
                assertThat(letters.take(1, Duration.ofMillis(200))).isEmpty();
            }
        }
    }
}
