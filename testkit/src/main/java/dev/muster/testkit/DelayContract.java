package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a broker must do that keeps messages back until their time, so that no worker has to hold
/// them. Extend it, and say how to open the broker.
@Timeout(180)
public abstract class DelayContract {
    /// Long enough that only a lost message lets it pass.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration FAR = Duration.ofHours(10);

    private final String prefix = "delay-" + UUID.randomUUID() + "-";
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /// Opens a broker as another process would: on the same server, sharing nothing with those
    /// opened before. It is closed after the test.
    protected abstract Broker openBroker() throws Exception;

    /// A queue on which the broker can keep messages back.
    protected Queue queue(String name) {
        return Queue.named(name);
    }

    /// A delay that the broker keeps, and that tests can wait for.
    protected Duration near() {
        return Duration.ofMillis(700);
    }

    /// How much too early a message may come, where the broker counts in other units.
    protected Duration precision() {
        return Duration.ofMillis(1);
    }

    @AfterEach
    final void closeWhatWasOpened() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    private Broker broker() throws Exception {
        var broker = openBroker();
        opened.push(broker);
        return broker;
    }

    private Consumer consumer(Broker broker, int prefetch, Queue... queues) {
        var consumer = broker.consume(List.of(queues), prefetch);
        opened.push(consumer);
        return consumer;
    }

    private Queue declared(Broker broker, String name) {
        var queue = queue(prefix + name);
        broker.declare(queue);
        return queue;
    }

    private static Publication later(Queue queue, String text, Instant due) {
        return new Publication("", queue.name(), message(text), due);
    }

    private static Message message(String text) {
        return new Message(
                text.getBytes(UTF_8), "text/plain", "utf-8", Map.of(), Message.Properties.DEFAULT);
    }

    private static Publication now(Queue queue, String text) {
        return new Publication("", queue.name(), message(text));
    }

    private static String body(Delivery delivery) {
        return new String(delivery.message().body(), UTF_8);
    }

    private static String takeOne(Consumer consumer) {
        var taken = consumer.take(1, PATIENCE);
        assertThat(taken).hasSize(1);
        taken.getFirst().ack();
        return body(taken.getFirst());
    }

    @Test
    void whatIsForLaterDoesNotStandInTheWayOfTheRest() throws Exception {
        var broker = broker();
        var queue = declared(broker, "rest");
        var far = Instant.now().plus(FAR);
        broker.publish(IntStream.range(0, 2000).mapToObj(n -> later(queue, "far", far)).toList());
        var consumer = consumer(broker, 1, queue);

        var due = Instant.now().plus(near());
        broker.publish(List.of(later(queue, "near", due), now(queue, "at once")));

        assertThat(takeOne(consumer)).isEqualTo("at once");
        assertThat(takeOne(consumer)).isEqualTo("near");
        assertThat(Instant.now()).isAfterOrEqualTo(due.minus(precision()));
    }

    @Test
    void anEarlierTimeThanThoseKnownIsNoticedByAReaderThatWaits() throws Exception {
        var reader = broker();
        var publisher = broker();
        var queue = declared(reader, "earlier");
        publisher.declare(queue);
        publisher.publish(List.of(later(queue, "far", Instant.now().plus(FAR))));
        var consumer = consumer(reader, 1, queue);
        var taken = CompletableFuture.supplyAsync(() -> takeOne(consumer));

        publisher.publish(List.of(later(queue, "near", Instant.now().plus(near()))));

        assertThat(taken.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("near");
    }

    @Test
    void eachReaderTakesWhatIsDueOnceThoughThePublisherIsGone() throws Exception {
        var publisher = openBroker();
        var queue = declared(publisher, "once");
        var due = Instant.now().plus(near());
        publisher.publish(
                IntStream.range(0, 1500).mapToObj(n -> later(queue, "m" + n, due)).toList());
        publisher.close();

        var seen = new ConcurrentLinkedQueue<String>();
        var readers =
                Stream.of(consumer(broker(), 50, queue), consumer(broker(), 50, queue))
                        .map(consumer ->
                                CompletableFuture.runAsync(
                                        () -> {
                                            while (seen.size() < 1500) {
                                                for (var delivery :
                                                        consumer.take(20, Duration.ofMillis(500))) {
                                                    delivery.ack();
                                                    seen.add(body(delivery));
                                                }
                                            }
                                        },
                                        task -> Thread.ofVirtual().start(task)))
                        .toList();
        for (var reader : readers) {
            reader.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 1500).mapToObj(n -> "m" + n).toList());
    }

    @Test
    void timesComeInTheirOrderAndOneThatHasPassedMeansNow() throws Exception {
        var broker = broker();
        var queue = declared(broker, "order");
        // So late that all are published before the second is due.
        var start = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(3);
        broker.publish(
                List.of(
                        later(queue, "third", start.plusSeconds(4)),
                        later(queue, "second", start.plusSeconds(2)),
                        later(queue, "first", start.minusSeconds(100))));
        var consumer = consumer(broker, 1, queue);

        assertThat(Stream.generate(() -> takeOne(consumer)).limit(3))
                .containsExactly("first", "second", "third");
    }

    @Test
    void eachQueueOfAnExchangeGetsItsCopyAtTheTime() throws Exception {
        var broker = broker();
        var topic = new Exchange(prefix + "topic", Exchange.Type.TOPIC, true);
        var queues = new ArrayList<Queue>();
        for (var name : List.of("one", "two")) {
            var plain = queue(prefix + name);
            var bound =
                    new Queue(plain.name(), topic, "news.#", plain.lifetime(), plain.arguments());
            broker.declare(bound);
            queues.add(bound);
        }

        broker.publish(
                List.of(
                        new Publication(
                                topic.name(),
                                "news.today",
                                message("news"),
                                Instant.now().plus(near()))));

        for (var queue : queues) {
            var delivery = consumer(broker, 1, queue).take(1, PATIENCE).getFirst();
            assertThat(body(delivery)).isEqualTo("news");
            assertThat(delivery.queue()).isEqualTo(queue.name());
            delivery.ack();
        }
    }

    @Test
    void countingAndPurgingLeaveOutWhatIsKeptBack() throws Exception {
        var broker = broker();
        var queue = declared(broker, "count");
        broker.publish(
                List.of(
                        later(queue, "later", Instant.now().plusSeconds(3)),
                        now(queue, "a"),
                        now(queue, "b")));

        assertThat(broker.length(queue.name())).isEqualTo(2);
        assertThat(broker.purge(queue.name())).isEqualTo(2);
        assertThat(takeOne(consumer(broker, 1, queue))).isEqualTo("later");
    }
}
