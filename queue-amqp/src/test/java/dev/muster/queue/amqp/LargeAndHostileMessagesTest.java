package dev.muster.queue.amqp;

import static dev.muster.queue.amqp.Brokers.PATIENCE;
import static dev.muster.queue.amqp.Brokers.newQueue;
import static dev.muster.queue.amqp.Brokers.takeExactly;
import static dev.muster.queue.amqp.Brokers.text;
import static dev.muster.queue.amqp.Brokers.to;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.ConnectionFactory;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.Servers;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Messages that would break a consumer, and then the next one, if they broke the connection.
class LargeAndHostileMessagesTest {
    private Broker broker;
    private Queue queue;

    @BeforeEach
    void connect() {
        broker = Brokers.open(Servers.rabbit().url());
        queue = newQueue();
        broker.declare(queue);
    }

    @AfterEach
    void disconnect() {
        broker.close();
    }

    @Test
    void carriesABodyOf100Megabytes() {
        broker.publish(List.of(publication(100 << 20), to(queue, "small")));

        try (var consumer = broker.consume(List.of(queue), 1)) {
            var large = takeExactly(consumer, 1).getFirst();
            assertThat(large.message().body()).hasSize(100 << 20);
            large.reject(false);
            assertThat(text(takeExactly(consumer, 1).getFirst())).isEqualTo("small");
        }
    }

    @Test
    void saysWhyTheServerRefusesABodyAndGoesOnPublishing() {
        var tooLarge = publication(129 << 20); // RabbitMQ's max_message_size is 128 MB

        assertThatThrownBy(() -> broker.publish(List.of(tooLarge)))
                .hasMessageContaining(queue.name())
                .hasMessageContaining("PRECONDITION_FAILED")
                .hasMessageContaining("size")
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.isTransient()).isFalse());

        broker.publish(List.of(to(queue, "after")));
        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    private Publication publication(int bytes) {
        return new Publication(
                "",
                queue.name(),
                new Message(
                        new byte[bytes],
                        "application/data",
                        "binary",
                        Map.of(),
                        Message.Properties.DEFAULT));
    }

    @Test
    void readsEveryTypeThatOtherClientsWrite() throws Exception {
        var headers = new LinkedHashMap<String, Object>();
        headers.put("short", (short) -2);
        headers.put("byte", (byte) -3);
        headers.put("float", 1.5f);
        headers.put("long", 1L << 40);
        headers.put("decimal", new BigDecimal("12.50"));
        headers.put("bytes", "größe".getBytes(UTF_8));
        headers.put("time", Date.from(Instant.ofEpochSecond(1_700_000_000)));
        headers.put("list", List.of("a", Map.of("b", List.of("c", 1))));
        publishRaw(new BasicProperties.Builder().headers(headers).build());

        var message = takeOne().message();

        assertThat(message.headers())
                .isEqualTo(
                        Map.of(
                                "short",
                                -2,
                                "byte",
                                -3,
                                "float",
                                1.5,
                                "long",
                                1L << 40,
                                "decimal",
                                "12.50",
                                "bytes",
                                "größe",
                                "time",
                                "2023-11-14T22:13:20Z",
                                "list",
                                List.of("a", Map.of("b", List.of("c", 1)))));
        assertThat(message.contentType()).isNull();
        assertThat(message.properties().persistent()).isFalse();
    }

    @Test
    void marksHeadersThatAreNestedTooDeepAsADefect() throws Exception {
        Object value = "x";
        for (var depth = 0; depth < 10_000; depth++) {
            value = List.of(value);
        }
        var headers = Map.of("deep", value);
        publishRaw(
                new BasicProperties.Builder()
                        .contentType("application/json")
                        .headers(headers)
                        .correlationId("id")
                        .build());

        var delivery = takeOne();

        assertThat(delivery.defect()).hasValueSatisfying(d -> assertThat(d).contains("nested"));
        assertThat(delivery.message().properties().correlationId()).isEqualTo("id");
        assertThat(delivery.message().body()).isEqualTo(new byte[] {1});
    }

    @Test
    void readsAHeaderTableThatFillsItsFrame() throws Exception {
        var headers = new LinkedHashMap<String, Object>();
        IntStream.range(0, 8_000).forEach(i -> headers.put("h" + i, i));
        publishRaw(new BasicProperties.Builder().headers(headers).build());

        assertThat(takeOne().message().headers()).hasSize(8_000).containsEntry("h7999", 7_999);
    }

    @Test
    void readsPropertiesThatMakeNoSense() throws Exception {
        publishRaw(
                new BasicProperties.Builder()
                        .priority(255)
                        .contentEncoding("")
                        .replyTo("")
                        .type("t")
                        .timestamp(Date.from(Instant.ofEpochMilli(Long.MAX_VALUE)))
                        .build());

        var properties = takeOne().message().properties();

        assertThat(properties.priority()).isEqualTo(255);
        assertThat(properties.persistent()).isFalse();
        assertThat(properties.replyTo()).isEmpty();
    }

    private Delivery takeOne() {
        try (var consumer = broker.consume(List.of(queue), 1)) {
            var delivery = takeExactly(consumer, 1).getFirst();
            delivery.ack();
            // The connection is still alive.
            broker.publish(List.of(to(queue, "next")));
            assertThat(text(takeExactly(consumer, 1).getFirst())).isEqualTo("next");
            return delivery;
        }
    }

    /// As a client that is none of ours. On a thread with a large stack, because the client library
    /// writes nested values by recursion.
    private void publishRaw(BasicProperties properties) throws Exception {
        var done = new CompletableFuture<Boolean>();
        var failures = new ArrayList<Throwable>();
        var thread =
                new Thread(
                        null,
                        () -> {
                            try {
                                publishFromHere(properties);
                            } catch (Exception e) {
                                failures.add(e);
                            } finally {
                                done.complete(true);
                            }
                        },
                        "raw-publisher",
                        512 << 20);
        thread.start();
        done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(failures).isEmpty();
    }

    private void publishFromHere(BasicProperties properties) throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(Servers.rabbit().url());
        factory.setAutomaticRecoveryEnabled(false);
        try (var connection = factory.newConnection();
                var channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.basicPublish("", queue.name(), properties, new byte[] {1});
            channel.waitForConfirmsOrDie(PATIENCE.toMillis());
        }
    }
}
