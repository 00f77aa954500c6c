package dev.muster.queue.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.DelayContract;
import dev.muster.testkit.Servers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RabbitMQ keeps messages for quorum queues back, in the queues that Celery 5.5 and later declare.
class AmqpDelayTest extends DelayContract {
    @Override
    protected Broker openBroker() {
        return Brokers.open(Servers.rabbit().url());
    }

    @Override
    protected Queue queue(String name) {
        return Queue.named(name).withArguments(Map.of("x-queue-type", "quorum"));
    }

    @Override
    protected Duration near() {
        return Duration.ofSeconds(2);
    }

    /// It counts in whole seconds; the worker waits for the rest.
    @Override
    protected Duration precision() {
        return Duration.ofSeconds(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.qq",
        "10, 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.1.0.qq",
        "4097, 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.1.qq",
        "999999999, 1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.qq",
    })
    void aDelayIsWrittenInBinaryBeforeTheRoutingKeyAndTakenOffAgain(
            long seconds, String routingKey) {
        assertThat(DelayLevels.routingKey(Duration.ofSeconds(seconds).plusMillis(400), "qq"))
                .isEqualTo(routingKey);
        assertThat(DelayLevels.withoutDelay(routingKey)).isEqualTo("qq");
        assertThat(DelayLevels.withoutDelay(routingKey.replace("qq", routingKey)))
                .as("as Python's retry makes it")
                .isEqualTo("qq");
    }

    @Test
    void aMessageLiesInTheLevelOfItsHighestBit() {
        try (var broker = Brokers.open(Servers.rabbit().url())) {
            var queue = queue("levels-" + UUID.randomUUID());
            broker.declare(queue);

            broker.publish(
                    List.of(
                            new Publication(
                                    "",
                                    queue.name(),
                                    Brokers.message("x"),
                                    Instant.now().plusSeconds(4100))));

            // A quorum queue counts a little later than it confirms.
            Awaitility.await()
                    .atMost(Brokers.PATIENCE)
                    .untilAsserted(
                            () -> assertThat(broker.length("celery_delayed_12")).isEqualTo(1));
            assertThat(broker.length(queue.name())).isZero();
        }
    }

    /// In a virtual host of its own, as others have declared them as quorum queues.
    @Test
    void theLevelsAreClassicQueuesWhereTheSettingsSaySo() {
        var host = "delay-" + UUID.randomUUID();
        Servers.rabbit().control("add_vhost", host);
        Servers.rabbit().control("set_permissions", "-p", host, "guest", ".*", ".*", ".*");
        var settings =
                Settings.DEFAULT.with("broker_native_delayed_delivery_queue_type", "classic");
        var url = Servers.rabbit().url().replaceFirst("(amqp://[^/]+).*", "$1/" + host);
        try (var broker = Brokers.open(url, settings)) {
            var queue = queue("classic");
            broker.declare(queue);

            broker.publish(
                    List.of(
                            new Publication(
                                    "",
                                    queue.name(),
                                    Brokers.message("x"),
                                    Instant.now().plusSeconds(2))));

            try (var consumer = broker.consume(List.of(queue), 0)) {
                assertThat(Brokers.text(Brokers.takeExactly(consumer, 1).getFirst()))
                        .isEqualTo("x");
            }
            assertThat(Servers.rabbit().control("list_queues", "-p", host, "name", "type"))
                    .contains("celery_delayed_27\tclassic")
                    .doesNotContain("celery_delayed_27\tquorum");
        } finally {
            Servers.rabbit().control("delete_vhost", host);
        }
    }
}
