package dev.muster.queue.amqp;

import static dev.muster.queue.amqp.Brokers.PATIENCE;
import static dev.muster.queue.amqp.Brokers.newQueue;
import static dev.muster.queue.amqp.Brokers.takeExactly;
import static dev.muster.queue.amqp.Brokers.text;
import static dev.muster.queue.amqp.Brokers.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.Servers;
import dev.muster.testkit.TcpProxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// The network breaks, hangs, or the server goes and comes back.
class AmqpFaultsTest {
    @Test
    void publishesAgainAfterAnIdleConnectionWasCut() {
        try (var proxy = TcpProxy.before(Servers.rabbit());
                var broker = Brokers.open(proxy.url(Servers.rabbit().url()))) {
            var queue = newQueue();
            broker.declare(queue);
            broker.publish(List.of(to(queue, "before")));

            proxy.cut();

            publishUntilConfirmed(broker, to(queue, "after"));
            broker.declare(queue);
            assertThat(broker.length(queue.name())).isEqualTo(2);
        }
    }

    @Test
    void losesNoConfirmedMessageWhileTheConnectionIsCutAgainAndAgain() throws Exception {
        try (var proxy = TcpProxy.before(Servers.rabbit());
                var broker = Brokers.open(proxy.url(Servers.rabbit().url()))) {
            var queue = newQueue();
            broker.declare(queue);

            publishManyWhile(
                    broker,
                    queue,
                    done -> {
                        for (var cut = 0; cut < 10; cut++) {
                            var before = done.get();
                            Awaitility.await()
                                    .atMost(PATIENCE)
                                    .until(() -> done.get() > before + 20 || done.get() == 2_000);
                            proxy.cut();
                        }
                    });

            assertThat(readAll(broker, queue, 2_000)).hasSize(2_000);
        }
    }

    @Test
    void losesNoConfirmedMessageWhenTheServerIsKilled() throws Exception {
        try (var server = RabbitServer.create();
                var broker = Brokers.open(server.url())) {
            var queue = newQueue();
            broker.declare(queue);

            publishManyWhile(
                    broker,
                    queue,
                    done -> {
                        Awaitility.await().atMost(PATIENCE).until(() -> done.get() > 200);
                        server.kill();
                        server.start();
                    });

            assertThat(readAll(broker, queue, 2_000)).hasSize(2_000);
        }
    }

    private interface Mischief {
        void happen(AtomicInteger done) throws Exception;
    }

    /// Publishes the texts 0 to 1999 from 8 threads, each again until it is confirmed.
    private static void publishManyWhile(Broker broker, Queue queue, Mischief mischief)
            throws Exception {
        var done = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var publishers =
                    IntStream.range(0, 8)
                            .<Future<?>>mapToObj(thread ->
                                    threads.submit(() -> {
                                        for (var i = thread; i < 2_000; i += 8) {
                                            publishUntilConfirmed(broker, to(queue, "" + i));
                                            done.incrementAndGet();
                                        }
                                    }))
                            .toList();
            mischief.happen(done);
            for (var publisher : publishers) {
                publisher.get(120, TimeUnit.SECONDS);
            }
        }
    }

    private static void publishUntilConfirmed(Broker broker, Publication message) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollDelay(Duration.ZERO)
                .until(() -> isConfirmed(broker, message));
    }

    private static boolean isConfirmed(Broker broker, Publication message) {
        try {
            broker.publish(List.of(message));
            return true;
        } catch (BrokerException e) {
            assertThat(e.isTransient()).as("transient: %s", e).isTrue();
            return false;
        }
    }

    private static Set<String> readAll(Broker broker, Queue queue, int expected) {
        var texts = new HashSet<String>();
        try (var consumer = broker.consume(List.of(queue), 100)) {
            while (texts.size() < expected) {
                var deliveries = consumer.take(100, PATIENCE);
                if (deliveries.isEmpty()) {
                    break;
                }
                for (var delivery : deliveries) {
                    texts.add(text(delivery));
                    delivery.ack();
                }
            }
        }
        return texts;
    }

    @Test
    void deliversAgainWhatWasHeldWhenTheConnectionWasCut() {
        try (var proxy = TcpProxy.before(Servers.rabbit());
                var broker = Brokers.open(proxy.url(Servers.rabbit().url()))) {
            var queue = newQueue();
            broker.declare(queue);
            broker.publish(IntStream.range(0, 3).mapToObj(i -> to(queue, "m" + i)).toList());
            List<Delivery> held;
            try (var consumer = broker.consume(List.of(queue), 2)) {
                held = takeExactly(consumer, 2);

                proxy.cut();

                assertLost(consumer);
                for (var delivery : held) {
                    assertThatCode(delivery::ack).doesNotThrowAnyException();
                }
            }
            held.forEach(Delivery::ack);

            try (var consumer = broker.consume(List.of(queue), 10)) {
                var again = takeExactly(consumer, 3);
                assertThat(again.stream().map(Brokers::text))
                        .containsExactlyInAnyOrder("m0", "m1", "m2");
                assertThat(again.stream().filter(Delivery::redelivered).map(Brokers::text))
                        .contains("m0", "m1");
            }
        }
    }

    @Test
    void wakesAWaitingTakeWhenTheConnectionIsCut() throws Exception {
        try (var proxy = TcpProxy.before(Servers.rabbit());
                var broker = Brokers.open(proxy.url(Servers.rabbit().url()));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var queue = newQueue();
            broker.declare(queue);
            try (var consumer = broker.consume(List.of(queue), 1)) {
                var waiting = threads.submit(() -> consumer.take(1, Duration.ofHours(1)));
                // One message shows that the reader is there.
                broker.publish(List.of(to(queue, "m")));
                assertThat(waiting.get(30, TimeUnit.SECONDS)).hasSize(1);
                var again = threads.submit(() -> consumer.take(1, Duration.ofHours(1)));

                proxy.cut();

                assertThatThrownBy(() -> again.get(30, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(BrokerException.class);
            }
        }
    }

    @Test
    void noticesAServerThatHangs() {
        var settings = Settings.DEFAULT.with("broker_heartbeat", "1s");
        try (var proxy = TcpProxy.before(Servers.rabbit());
                var broker = Brokers.open(proxy.url(Servers.rabbit().url()), settings)) {
            var queue = newQueue();
            broker.declare(queue);
            broker.publish(List.of(to(queue, "m")));
            try (var consumer = broker.consume(List.of(queue), 1)) {
                takeExactly(consumer, 1);

                proxy.pause();

                assertLost(consumer);
                assertThatThrownBy(() -> broker.publish(List.of(to(queue, "n"))))
                        .isInstanceOfSatisfying(
                                BrokerException.class, e -> assertThat(e.isTransient()).isTrue());
            }
            proxy.resume();
            publishUntilConfirmed(broker, to(queue, "o"));
        }
    }

    @Test
    void readsAgainAfterTheServerRestarted() {
        try (var server = RabbitServer.create();
                var broker = Brokers.open(server.url())) {
            var queue = newQueue();
            broker.declare(queue);
            broker.publish(List.of(to(queue, "kept")));
            try (var consumer = broker.consume(List.of(queue), 1)) {
                var held = takeExactly(consumer, 1).getFirst();

                server.restart();

                assertLost(consumer);
                held.ack();
            }
            broker.declare(queue);
            try (var consumer = broker.consume(List.of(queue), 1)) {
                var delivery = takeExactly(consumer, 1).getFirst();
                assertThat(text(delivery)).isEqualTo("kept");
                assertThat(delivery.redelivered()).isTrue();
            }
        }
    }

    @Test
    void failsAtOnceWhileTheServerIsOutOfMemory() {
        try (var server = RabbitServer.create();
                var broker = Brokers.open(server.url())) {
            var queue = newQueue();
            broker.declare(queue);
            broker.publish(List.of(to(queue, "m"), to(queue, "n")));
            try (var consumer = broker.consume(List.of(queue), 1)) {
                var held = takeExactly(consumer, 1).getFirst();
                server.control("set_vm_memory_high_watermark", "0.000001");
                // The server tells a connection of it at its next message.
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> !isConfirmed(broker, to(queue, "too much")));

                assertThatThrownBy(() -> broker.publish(List.of(to(queue, "o"))))
                        .hasMessageContaining("memory");
                held.ack();
                assertThat(text(takeExactly(consumer, 1).getFirst())).isEqualTo("n");

                server.control("set_vm_memory_high_watermark", "absolute", "1GB");
                publishUntilConfirmed(broker, to(queue, "p"));
            }
        }
    }

    private static void assertLost(Consumer consumer) {
        assertThatThrownBy(
                        () -> {
                            for (var i = 0; i < 10; i++) {
                                consumer.take(1, PATIENCE);
                            }
                        })
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.isTransient()).isTrue());
    }
}
