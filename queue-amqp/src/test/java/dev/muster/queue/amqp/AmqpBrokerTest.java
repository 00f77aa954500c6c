package dev.muster.queue.amqp;

import static dev.muster.queue.amqp.Brokers.PATIENCE;
import static dev.muster.queue.amqp.Brokers.message;
import static dev.muster.queue.amqp.Brokers.newQueue;
import static dev.muster.queue.amqp.Brokers.takeExactly;
import static dev.muster.queue.amqp.Brokers.text;
import static dev.muster.queue.amqp.Brokers.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is RabbitMQ's own, beyond the contract of every broker.
class AmqpBrokerTest {
    private Broker broker;

    @BeforeEach
    void connect() {
        broker = Brokers.open(Servers.rabbit().url());
    }

    @AfterEach
    void disconnect() {
        broker.close();
    }

    @Test
    void deliversTheMoreUrgentPriorityFirstWhenTheQueueHasPriorities() {
        var queue = newQueue().withArguments(Map.of("x-max-priority", 10));
        broker.declare(queue);
        broker.publish(
                IntStream.of(0, 9, 5)
                        .mapToObj(priority ->
                                new Publication("", queue.name(), urgent("p" + priority, priority)))
                        .toList());

        try (var consumer = broker.consume(List.of(queue), 1)) {
            var order = new ArrayList<String>();
            for (var i = 0; i < 3; i++) {
                var delivery = takeExactly(consumer, 1).getFirst();
                order.add(text(delivery));
                delivery.ack();
            }
            assertThat(order).containsExactly("p9", "p5", "p0");
        }
    }

    private static Message urgent(String text, int priority) {
        return message(text, new Message.Properties(null, null, true, priority, null));
    }

    @Test
    void readsAQuorumQueueBesideAClassicOne() {
        var quorum = newQueue().withArguments(Map.of("x-queue-type", "quorum"));
        var classic = newQueue();
        broker.declare(quorum);
        broker.declare(classic);
        broker.publish(List.of(to(quorum, "a"), to(quorum, "b"), to(classic, "c")));

        try (var consumer = broker.consume(List.of(quorum, classic), 10)) {
            var deliveries = takeExactly(consumer, 3);
            deliveries.forEach(Delivery::ack);
            assertThat(deliveries.stream().map(Brokers::text))
                    .containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    @Test
    void holdsNoMoreThanThePrefetchCountOverAllQueues() {
        var first = newQueue();
        var second = newQueue();
        for (var queue : List.of(first, second)) {
            broker.declare(queue);
            broker.publish(IntStream.range(0, 10).mapToObj(i -> to(queue, "m" + i)).toList());
        }

        try (var consumer = broker.consume(List.of(first, second), 4)) {
            var held = takeExactly(consumer, 4);
            assertThat(consumer.take(1, Duration.ofMillis(300))).isEmpty();
            assertThat(broker.length(first.name()) + broker.length(second.name())).isEqualTo(16);

            held.getFirst().ack();
            assertThat(takeExactly(consumer, 1)).hasSize(1);
        }
    }

    @Test
    void reportsAPersistentMessageThatNoQueueTakes() {
        var missing = newQueue();

        assertThatThrownBy(() -> broker.publish(List.of(to(missing, "x"))))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining(missing.name())
                .asInstanceOf(type(BrokerException.class))
                .satisfies(e -> assertThat(e.isTransient()).isFalse())
                .satisfies(e -> assertThat(e.isUnroutable()).isTrue());
    }

    @Test
    void reportsAnUnboundRoutingKeyOfAnExchange() {
        var queue =
                new Queue(
                        "topic-" + UUID.randomUUID(),
                        new Exchange("topics-" + UUID.randomUUID(), Exchange.Type.TOPIC, true),
                        "tasks.#",
                        Queue.Lifetime.DURABLE,
                        Map.of());
        broker.declare(queue);
        broker.publish(
                List.of(new Publication(queue.exchange().name(), "tasks.a.b", message("routed"))));

        var stray = new Publication(queue.exchange().name(), "other.key", message("stray"));
        assertThatThrownBy(() -> broker.publish(List.of(stray)))
                .hasMessageContaining(queue.exchange().name())
                .hasMessageContaining("other.key");
        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    @Test
    void failsOnlyTheCallerWhoseMessageNoQueueTakes() throws Exception {
        var queue = newQueue();
        var missing = newQueue();
        broker.declare(queue);

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Boolean>>();
            for (var i = 0; i < 200; i++) {
                var publication = to(i % 10 == 0 ? missing : queue, "m" + i);
                calls.add(() -> {
                    try {
                        broker.publish(List.of(publication));
                        return true;
                    } catch (BrokerException e) {
                        return false;
                    }
                });
            }
            var outcomes = new ArrayList<Boolean>();
            for (var call : threads.invokeAll(calls)) {
                outcomes.add(call.get());
            }
            assertThat(outcomes)
                    .isEqualTo(IntStream.range(0, 200).mapToObj(i -> i % 10 != 0).toList());
        }
        assertThat(broker.length(queue.name())).isEqualTo(180);
    }

    @Test
    void dropsATransientMessageThatNobodyWaitsFor() {
        var reply = message("r", new Message.Properties("id", null, false, 0, null));

        assertThatCode(() -> broker.publish(List.of(new Publication("", newQueue().name(), reply))))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAnExchangeThatDoesNotExistAndGoesOnPublishing() {
        var queue = newQueue();
        broker.declare(queue);

        var stray = new Publication("no-such-exchange", "k", message("x"));
        assertThatThrownBy(() -> broker.publish(List.of(stray)))
                .hasMessageContaining("no-such-exchange")
                .hasMessageContaining("NOT_FOUND");

        broker.publish(List.of(to(queue, "after")));
        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    @Test
    void saysWhatDiffersWhenAQueueExistsWithOtherProperties() {
        var queue = newQueue();
        broker.declare(queue.withArguments(Map.of("x-max-priority", 10)));

        assertThatThrownBy(() -> broker.declare(queue))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining(queue.name())
                .hasMessageContaining("x-max-priority")
                .hasMessageContaining("'10'")
                .hasMessageContaining("queue_arguments");
        broker.declare(queue.withArguments(Map.of("x-max-priority", 10)));
    }

    @Test
    void saysWhatDiffersWhenAnExchangeExistsWithAnotherType() {
        var queue = newQueue();
        broker.declare(queue);
        var fanout = new Exchange(queue.name(), Exchange.Type.FANOUT, true);

        assertThatThrownBy(() ->
                        broker.declare(
                                new Queue(
                                        queue.name(),
                                        fanout,
                                        "",
                                        Queue.Lifetime.DURABLE,
                                        Map.of())))
                .hasMessageContaining("exchange '%s'".formatted(queue.name()))
                .hasMessageContaining("type");
    }

    @Test
    void refusesWhatDoesNotFitIntoTheProtocolAndGoesOnPublishing() {
        var queue = newQueue();
        broker.declare(queue);
        var longId = new Message.Properties("i".repeat(300), null, true, null, null);
        var hugeHeaders =
                new Message(
                        new byte[1],
                        "application/json",
                        "utf-8",
                        Map.of("h", "x".repeat(300_000)),
                        Message.Properties.DEFAULT);

        for (var message : List.of(message("x", longId), hugeHeaders)) {
            assertThatThrownBy(() ->
                            broker.publish(List.of(new Publication("", queue.name(), message))))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining(queue.name())
                    .asInstanceOf(type(BrokerException.class))
                    .satisfies(e -> assertThat(e.isTransient()).isFalse());
        }
        broker.publish(List.of(to(queue, "after")));
        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    @Test
    void refusesAHeaderThatCannotTravel() {
        var message =
                new Message(
                        new byte[1],
                        "application/json",
                        "utf-8",
                        Map.of("when", Duration.ofSeconds(1)),
                        Message.Properties.DEFAULT);

        assertThatThrownBy(() -> broker.publish(List.of(new Publication("", "any", message))))
                .hasMessageContaining("header when")
                .hasMessageContaining("Duration");
    }

    @Test
    void reportsAQueueThatIsFullAsTransient() {
        var queue =
                newQueue().withArguments(Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
        broker.declare(queue);
        broker.publish(List.of(to(queue, "fits")));

        assertThatThrownBy(() -> broker.publish(List.of(to(queue, "too many"))))
                .hasMessageContaining(queue.name())
                .asInstanceOf(type(BrokerException.class))
                .satisfies(e -> assertThat(e.isTransient()).isTrue());
    }

    @Test
    void wakesTheReaderOfAQueueThatIsDeleted() {
        var queue = newQueue();
        broker.declare(queue);
        try (var consumer = broker.consume(List.of(queue), 1)) {
            Servers.rabbit().control("delete_queue", queue.name());

            assertThatThrownBy(() -> consumer.take(1, PATIENCE))
                    .hasMessageContaining(queue.name())
                    .asInstanceOf(type(BrokerException.class))
                    .satisfies(e -> assertThat(e.isTransient()).isTrue());
        }

        broker.declare(queue);
        broker.publish(List.of(to(queue, "again")));
        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    @Test
    void declaresAgainWhatWasDeletedBehindItsBackOnceAPublishFailed() {
        var queue = newQueue();
        broker.declare(queue);
        Servers.rabbit().control("delete_queue", queue.name());
        assertThatThrownBy(() -> broker.publish(List.of(to(queue, "lost"))))
                .isInstanceOf(BrokerException.class);

        broker.declare(queue);
        broker.publish(List.of(to(queue, "kept")));

        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    @Test
    void returnsWhatWasFetchedButNotTakenWhenCancelled() {
        var queue = newQueue();
        broker.declare(queue);
        broker.publish(IntStream.range(0, 10).mapToObj(i -> to(queue, "m" + i)).toList());
        try (var consumer = broker.consume(List.of(queue), 0)) {
            var taken = takeExactly(consumer, 2);
            Awaitility.await().until(() -> broker.length(queue.name()) == 0);

            consumer.cancel();

            Awaitility.await().until(() -> broker.length(queue.name()) == 8);
            taken.forEach(Delivery::ack);
            assertThat(consumer.take(1, PATIENCE)).isEmpty();
        }
        // A connection of its own sees the queue after the acknowledgements of the closed one.
        Awaitility.await().until(() -> broker.length(queue.name()) == 8);
        try (var consumer = broker.consume(List.of(queue), 0)) {
            assertThat(takeExactly(consumer, 8).stream().map(Brokers::text))
                    .containsExactly("m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
        }
    }

    @Test
    void settlesOnlyOnce() {
        var queue = newQueue();
        broker.declare(queue);
        broker.publish(List.of(to(queue, "a"), to(queue, "b")));
        try (var consumer = broker.consume(List.of(queue), 1)) {
            var first = takeExactly(consumer, 1).getFirst();
            first.ack();
            first.ack();
            first.reject(true);

            assertThat(text(takeExactly(consumer, 1).getFirst())).isEqualTo("b");
        }
    }

    @Test
    void sendsRejectedMessagesToTheDeadLetterExchange() {
        var dead = newQueue();
        broker.declare(dead);
        var queue =
                newQueue()
                        .withArguments(
                                Map.of(
                                        "x-dead-letter-exchange",
                                        "",
                                        "x-dead-letter-routing-key",
                                        dead.name()));
        broker.declare(queue);
        broker.publish(List.of(to(queue, "bad")));
        try (var consumer = broker.consume(List.of(queue), 1)) {
            takeExactly(consumer, 1).getFirst().reject(false);
        }

        try (var consumer = broker.consume(List.of(dead), 1)) {
            var delivery = takeExactly(consumer, 1).getFirst();
            assertThat(text(delivery)).isEqualTo("bad");
            assertThat(delivery.message().headers()).containsKey("x-death");
        }
    }

    @Test
    void copiesAFanoutMessageToEveryReplyQueue() {
        var exchange = new Exchange("fanout-" + UUID.randomUUID(), Exchange.Type.FANOUT, false);
        var queues =
                IntStream.range(0, 2)
                        .mapToObj(_ ->
                                new Queue(
                                        "f-" + UUID.randomUUID(),
                                        exchange,
                                        "",
                                        Queue.Lifetime.REPLIES,
                                        Map.of("x-expires", 10_000)))
                        .toList();
        queues.forEach(broker::declare);
        try (var first = broker.consume(queues.subList(0, 1), 0);
                var second = broker.consume(queues.subList(1, 2), 0)) {
            broker.publish(List.of(new Publication(exchange.name(), "", message("all"))));

            assertThat(text(takeExactly(first, 1).getFirst())).isEqualTo("all");
            assertThat(text(takeExactly(second, 1).getFirst())).isEqualTo("all");
        }
    }

    @Test
    void losesNoneOfManyMessagesPublishedByManyThreads() throws Exception {
        var queue = newQueue();
        broker.declare(queue);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls =
                    IntStream.range(0, 2_000)
                            .mapToObj(i ->
                                    threads.submit(
                                            () -> broker.publish(List.of(to(queue, "m" + i)))))
                            .toList();
            for (var call : calls) {
                call.get();
            }
        }
        try (var consumer = broker.consume(List.of(queue), 100)) {
            var texts = new ArrayList<String>();
            while (texts.size() < 2_000) {
                for (var delivery : consumer.take(100, PATIENCE)) {
                    texts.add(text(delivery));
                    delivery.ack();
                }
            }
            assertThat(texts)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 2_000).mapToObj(i -> "m" + i).toList());
        }
    }

    @Test
    void countsAndPurgesAMissingQueueAsEmpty() {
        assertThat(broker.length("no-such-queue")).isZero();
        assertThat(broker.purge("no-such-queue")).isZero();
    }
}
