package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What every [Broker] must do. Extend it, and open brokers on one server that nobody else uses the
/// queues of; each test takes names of its own.
@Timeout(180)
public abstract class BrokerContract {
    /// Long enough that only a lost message or wake-up lets it pass.
    protected static final Duration PATIENCE = Duration.ofSeconds(60);

    /// How long nothing must happen where nothing should.
    private static final Duration SILENCE = Duration.ofMillis(400);

    private final String prefix = "contract-" + UUID.randomUUID() + "-";
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// Opens a broker as another process would: on the same server, sharing nothing with those
    /// opened before. It is closed after the test.
    protected abstract Broker openBroker() throws Exception;

    /// Priorities that the broker tells apart, the most urgent first; empty when it has none.
    protected List<Integer> prioritiesByUrgency() {
        return List.of();
    }

    /// A queue that sorts its messages by priority.
    protected Queue queueWithPriorities(String name) {
        return Queue.named(name);
    }

    /// Whether the broker remembers the properties of a queue, and so can refuse others.
    protected boolean remembersProperties() {
        return true;
    }

    @AfterEach
    final void closeWhatWasOpened() throws Exception {
        threads.shutdownNow();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS))
                .as("threads of the test end")
                .isTrue();
    }

    @Test
    void deliversInTheOrderOfPublication() throws Exception {
        var broker = broker();
        var queue = declared(broker, "order");

        broker.publish(publications(queue, 0, 200));
        for (var number = 200; number < 250; number++) {
            broker.publish(publications(queue, number, number + 1));
        }

        var consumer = consumer(broker(), 7, queue);
        var bodies = takeAndAck(consumer, 250).stream().map(BrokerContract::body).toList();
        assertThat(bodies)
                .containsExactlyElementsOf(IntStream.range(0, 250).mapToObj(n -> "m" + n).toList());
    }

    @Test
    void publishingNothingIsHarmless() throws Exception {
        broker().publish(List.of());
    }

    @Test
    void theUrgentPriorityComesFirstThenTheOlderMessage() throws Exception {
        var priorities = prioritiesByUrgency();
        var broker = broker();
        var queue = queueWithPriorities(prefix + "priorities");
        broker.declare(queue);
        var shuffled = new ArrayList<>(priorities);
        Collections.reverse(shuffled);
        var expected = new ArrayList<String>();
        for (var priority : priorities) {
            expected.add("first " + priority);
            expected.add("second " + priority);
        }

        for (var turn : List.of("first ", "second ")) {
            for (var priority : shuffled) {
                broker.publish(List.of(to(queue, withPriority(turn + priority, priority))));
            }
        }

        // A prefetch of one, because what a consumer has fetched is not sorted again.
        var consumer = consumer(broker, 1, queue);
        assertThat(takeAndAck(consumer, expected.size()))
                .extracting(BrokerContract::body)
                .containsExactlyElementsOf(expected);
    }

    @Test
    void takesAtMostTheMaximum() throws Exception {
        var broker = broker();
        var queue = declared(broker, "maximum");
        broker.publish(publications(queue, 0, 5));
        var consumer = consumer(broker, 0, queue);

        assertThat(consumer.take(1, PATIENCE)).hasSize(1);
        assertThat(consumer.take(2, PATIENCE)).hasSizeBetween(1, 2);
        assertThatThrownBy(() -> consumer.take(0, PATIENCE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takingFromAnEmptyQueueEndsWithTheTimeout() throws Exception {
        var broker = broker();
        var consumer = consumer(broker, 1, declared(broker, "empty"));

        assertThat(consumer.take(1, Duration.ZERO)).isEmpty();
        assertThat(consumer.take(10, Duration.ofMillis(50))).isEmpty();
    }

    @Test
    void aPublishFromElsewhereWakesAWaitingTake() throws Exception {
        var publisher = broker();
        var reader = broker();
        var queue = declared(publisher, "wake");
        reader.declare(queue);
        var consumer = consumer(reader, 1, queue);

        for (var number = 0; number < 20; number++) {
            var taken = inBackground(() -> consumer.take(1, PATIENCE.multipliedBy(10)));
            publisher.publish(publications(queue, number, number + 1));
            var deliveries = taken.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(deliveries).extracting(BrokerContract::body).containsExactly("m" + number);
            deliveries.forEach(Delivery::ack);
        }
    }

    @Test
    void aFullQueueDoesNotStarveTheOthers() throws Exception {
        var broker = broker();
        var full = declared(broker, "full");
        var small = declared(broker, "small");
        broker.publish(publications(full, 0, 500));
        broker.publish(publications(small, 1000, 1005));

        var consumer = consumer(broker, 2, full, small);
        var order = takeAndAck(consumer, 505).stream().map(Delivery::routingKey).toList();

        assertThat(order.lastIndexOf(small.name())).isLessThan(250);
    }

    @Test
    void eachMessageOfManyIsTakenExactlyOnce() throws Exception {
        var publishers = 4;
        var each = 2_500;
        var first = broker();
        var second = broker();
        var queue = declared(first, "many");
        second.declare(queue);
        var seen = new ConcurrentHashMap<String, AtomicInteger>();
        var total = new AtomicInteger();
        var consumers = new ArrayList<Consumer>();
        var reading = new ArrayList<Future<?>>();
        for (var number = 0; number < 4; number++) {
            var consumer = consumer(number % 2 == 0 ? first : second, 50, queue);
            consumers.add(consumer);
            reading.add(
                    inBackground(() -> {
                        while (total.get() < publishers * each) {
                            for (var delivery : consumer.take(20, SILENCE)) {
                                delivery.ack();
                                total.incrementAndGet();
                                seen.computeIfAbsent(body(delivery), _ -> new AtomicInteger())
                                        .incrementAndGet();
                            }
                        }
                        return null;
                    }));
        }

        var writing = new ArrayList<Future<?>>();
        for (var number = 0; number < publishers; number++) {
            var publisher = number % 2 == 0 ? first : second;
            var start = number * each;
            writing.add(
                    inBackground(() -> {
                        for (var at = start; at < start + each; at += 50) {
                            publisher.publish(publications(queue, at, at + 50));
                        }
                        return null;
                    }));
        }
        for (var thread : Stream.concat(writing.stream(), reading.stream()).toList()) {
            thread.get(150, TimeUnit.SECONDS);
        }

        consumers.forEach(Consumer::close);
        assertThat(seen).hasSize(publishers * each);
        assertThat(seen.values()).allMatch(count -> count.get() == 1);
        assertNothingLeft(first, queue);
    }

    @Test
    void headersOfEveryTypeArriveAsTheyWere() throws Exception {
        var nested = new LinkedHashMap<String, @Nullable Object>();
        nested.put("nothing", null);
        nested.put("list", Arrays.asList(1, "zwei", null, List.of(true, 3.5)));
        nested.put("map", Map.of("deep", Map.of("deeper", List.of())));
        var headers = new LinkedHashMap<String, @Nullable Object>();
        headers.put("text", "plain");
        headers.put("empty", "");
        headers.put("unicode", "größer 漢字 \uD83D\uDE80 \u0001\t\"\\");
        headers.put("long text", "x".repeat(70_000));
        headers.put("true", true);
        headers.put("false", false);
        headers.put("zero", 0);
        headers.put("negative", -1);
        headers.put("smallest int", Integer.MIN_VALUE);
        headers.put("long", 1L << 53);
        headers.put("largest long", Long.MAX_VALUE);
        headers.put("smallest long", Long.MIN_VALUE);
        headers.put("double", 0.1);
        headers.put("whole double", 2.0);
        headers.put("tiny double", Double.MIN_VALUE);
        headers.put("null", null);
        headers.put("list", List.of(List.of(), Map.of(), "a"));
        headers.put("nested", nested);
        headers.put("schlüssel", "a key that is not ASCII");

        var arrived = roundTrip(new Message(bytes("b"), "text/plain", "utf-8", headers, PLAIN));

        assertThat(normal(arrived.headers())).isEqualTo(normal(headers));
    }

    @Test
    void propertiesArriveAsTheyWere() throws Exception {
        var properties = new Message.Properties("correlation-1", "reply.to", true, 3, 3_600_000L);

        var arrived =
                roundTrip(
                        new Message(bytes("b"), "application/json", "utf-8", Map.of(), properties));

        assertThat(arrived.contentType()).isEqualTo("application/json");
        assertThat(arrived.contentEncoding()).isEqualTo("utf-8");
        assertThat(arrived.properties().correlationId()).isEqualTo("correlation-1");
        assertThat(arrived.properties().replyTo()).isEqualTo("reply.to");
        assertThat(arrived.properties().persistent()).isTrue();
        assertThat(arrived.properties().priority()).isEqualTo(3);
    }

    @Test
    void absentPropertiesStayAbsent() throws Exception {
        var arrived = roundTrip(new Message(bytes("b"), null, null, Map.of(), PLAIN));

        assertThat(arrived.contentType()).isNull();
        assertThat(arrived.contentEncoding()).isNull();
        assertThat(arrived.properties().correlationId()).isNull();
        assertThat(arrived.properties().replyTo()).isNull();
        assertThat(arrived.headers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100_000, 5 << 20})
    void bodiesOfAnySizeArriveAsTheyWere(int size) throws Exception {
        var body = new byte[size];
        new Random(size).nextBytes(body);

        var arrived =
                roundTrip(new Message(body, "application/octet-stream", "binary", Map.of(), PLAIN));

        assertThat(arrived.body()).isEqualTo(body);
    }

    @Test
    void aFreshDeliverySaysWhereItCameFrom() throws Exception {
        var broker = broker();
        var queue = declared(broker, "fresh");
        var consumer = consumer(broker, 1, queue);

        broker.publish(publications(queue, 0, 1));

        var delivery = takeOne(consumer);
        assertThat(delivery.exchange()).isEmpty();
        assertThat(delivery.routingKey()).isEqualTo(queue.name());
        assertThat(delivery.redelivered()).isFalse();
        assertThat(delivery.defect()).isEmpty();
    }

    @Test
    void anAcknowledgedMessageIsGone() throws Exception {
        var broker = broker();
        var queue = declared(broker, "ack");
        broker.publish(publications(queue, 0, 1));
        var consumer = consumer(broker, 1, queue);

        takeOne(consumer).ack();
        consumer.close();

        assertNothingLeft(broker(), queue);
    }

    @Test
    void aMessageToBeAcknowledgedSoonIsGoneWhenTheConsumerIsClosed() throws Exception {
        var broker = broker();
        var queue = declared(broker, "ack-soon");
        broker.publish(publications(queue, 0, 100));
        var consumer = consumer(broker, 100, queue);

        takeUnsettled(consumer, 100).forEach(Delivery::ackSoon);
        consumer.close();

        assertNothingLeft(broker(), queue);
    }

    @Test
    void acknowledgingSoonSettlesNoOtherMessage() throws Exception {
        var broker = broker();
        var queue = declared(broker, "soon-others");
        broker.publish(publications(queue, 0, 12));
        var consumer = consumer(broker, 12, queue);
        var taken = takeUnsettled(consumer, 12);

        // m0 and m1 before all that are open, the others with open ones between them.
        for (var index : List.of(1, 0, 4, 11, 6, 7)) {
            taken.get(index).ackSoon();
        }
        taken.get(3).reject(true);
        taken.get(4).reject(true);
        taken.get(5).ack();
        taken.get(8).reject(false);
        taken.get(9).ackSoon();
        consumer.close();

        var next = consumer(broker, 0, queue);
        assertThat(takeAndAck(next, 3))
                .extracting(BrokerContract::body)
                .containsExactlyInAnyOrder("m2", "m3", "m10");
        assertThat(next.take(1, SILENCE)).isEmpty();
    }

    @Test
    void aRejectedMessageIsGone() throws Exception {
        var broker = broker();
        var queue = declared(broker, "reject");
        broker.publish(publications(queue, 0, 1));
        var consumer = consumer(broker, 1, queue);

        takeOne(consumer).reject(false);
        consumer.close();

        assertNothingLeft(broker(), queue);
    }

    @Test
    void aRequeuedMessageComesAgain() throws Exception {
        var broker = broker();
        var queue = declared(broker, "requeue");
        broker.publish(publications(queue, 0, 1));
        var consumer = consumer(broker, 1, queue);

        takeOne(consumer).reject(true);

        var again = takeOne(consumer);
        assertThat(body(again)).isEqualTo("m0");
        assertThat(again.redelivered()).isTrue();
        again.ack();
        consumer.close();
        assertNothingLeft(broker, queue);
    }

    @Test
    void unsettledDeliveriesReturnWhenTheConsumerIsClosed() throws Exception {
        var broker = broker();
        var queue = declared(broker, "unsettled");
        broker.publish(publications(queue, 0, 3));
        var consumer = consumer(broker, 0, queue);
        takeUnsettled(consumer, 3);

        consumer.close();

        var again = takeAndAck(consumer(broker(), 0, queue), 3);
        assertThat(again)
                .extracting(BrokerContract::body)
                .containsExactlyInAnyOrder("m0", "m1", "m2");
        assertThat(again).allMatch(Delivery::redelivered);
        assertThat(again).allMatch(delivery -> delivery.routingKey().equals(queue.name()));
    }

    @Test
    void aMessageSurvivesManyReturnsUnchanged() throws Exception {
        var broker = broker();
        var queue = declared(broker, "returns");
        var headers = Map.<String, @Nullable Object>of("name", "größer", "items", List.of());
        var body = new byte[] {0, (byte) 0xff, '"', '\\', '\n'};
        broker.publish(
                List.of(
                        to(
                                queue,
                                new Message(body, "application/data", "binary", headers, PLAIN))));

        for (var turn = 0; turn < 5; turn++) {
            var consumer = consumer(broker, 1, queue);
            var delivery = takeOne(consumer);
            if (turn % 2 == 0) {
                delivery.reject(true);
            }
            consumer.close();
        }

        var arrived = takeOne(consumer(broker, 1, queue)).message();
        assertThat(arrived.body()).isEqualTo(body);
        assertThat(normal(arrived.headers())).isEqualTo(normal(headers));
        assertThat(arrived.contentType()).isEqualTo("application/data");
    }

    @Test
    void onlyTheFirstSettlementCounts() throws Exception {
        var broker = broker();
        var queue = declared(broker, "twice");
        broker.publish(publications(queue, 0, 1));
        var consumer = consumer(broker, 1, queue);

        var delivery = takeOne(consumer);
        delivery.reject(true);
        delivery.ack();
        delivery.reject(false);
        var again = takeOne(consumer);
        again.ack();
        again.ack();
        again.reject(true);

        assertThat(consumer.take(1, SILENCE)).isEmpty();
        consumer.close();
        assertNothingLeft(broker, queue);
    }

    @Test
    void settlingAfterTheConsumerIsGoneDoesNothing() throws Exception {
        var broker = broker();
        var queue = declared(broker, "late");
        broker.publish(publications(queue, 0, 3));
        var consumer = consumer(broker, 0, queue);
        var taken = takeUnsettled(consumer, 3);
        consumer.close();

        taken.get(0).ack();
        taken.get(1).reject(true);
        taken.get(2).ackSoon();

        var next = consumer(broker, 0, queue);
        assertThat(takeAndAck(next, 3))
                .extracting(BrokerContract::body)
                .containsExactlyInAnyOrder("m0", "m1", "m2");
        assertThat(next.take(1, SILENCE)).isEmpty();
    }

    @Test
    void deliveriesCanBeSettledByOtherThreads() throws Exception {
        var broker = broker();
        var queue = declared(broker, "threads");
        broker.publish(publications(queue, 0, 100));
        var consumer = consumer(broker, 0, queue);
        var settled = new ArrayList<Future<?>>();
        for (var delivery : takeUnsettled(consumer, 100)) {
            settled.add(
                    inBackground(() -> {
                        delivery.ack();
                        return null;
                    }));
        }
        for (var thread : settled) {
            thread.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        consumer.close();

        assertNothingLeft(broker, queue);
    }

    @Test
    void holdsNoMoreThanThePrefetchCount() throws Exception {
        var broker = broker();
        var queue = declared(broker, "prefetch");
        broker.publish(publications(queue, 0, 10));
        var consumer = consumer(broker, 3, queue);

        var held = takeUnsettled(consumer, 3);
        assertThat(consumer.take(10, SILENCE)).isEmpty();
        assertThat(broker.length(queue.name())).isEqualTo(7);

        held.getFirst().ack();
        assertThat(consumer.take(10, PATIENCE)).hasSize(1);
        assertThat(consumer.take(10, SILENCE)).isEmpty();

        held.getLast().ackSoon();
        assertThat(consumer.take(10, PATIENCE)).hasSize(1);
        assertThat(consumer.take(10, SILENCE)).isEmpty();
    }

    @Test
    void thePrefetchCountCanBeRaised() throws Exception {
        var broker = broker();
        var queue = declared(broker, "raised");
        broker.publish(publications(queue, 0, 10));
        var consumer = consumer(broker, 2, queue);
        takeUnsettled(consumer, 2);
        assertThat(consumer.take(10, SILENCE)).isEmpty();

        consumer.prefetch(5);

        takeUnsettled(consumer, 3);
        assertThat(consumer.take(10, SILENCE)).isEmpty();
    }

    @Test
    void aSettlementWakesATakeThatWaitsForRoom() throws Exception {
        var broker = broker();
        var queue = declared(broker, "room");
        broker.publish(publications(queue, 0, 2));
        var consumer = consumer(broker, 1, queue);
        var first = takeOne(consumer);

        var second = inBackground(() -> consumer.take(1, PATIENCE.multipliedBy(10)));
        first.ack();

        assertThat(second.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .extracting(BrokerContract::body)
                .containsExactly("m1");
    }

    @Test
    void zeroPrefetchIsNoLimit() throws Exception {
        var broker = broker();
        var queue = declared(broker, "unlimited");
        broker.publish(publications(queue, 0, 500));

        assertThat(takeUnsettled(consumer(broker, 0, queue), 500)).hasSize(500);
    }

    @Test
    void cancelWakesAWaitingTake() throws Exception {
        var broker = broker();
        var consumer = consumer(broker, 1, declared(broker, "cancel"));
        var taken = inBackground(() -> consumer.take(1, PATIENCE.multipliedBy(10)));

        consumer.cancel();

        assertThat(taken.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEmpty();
        assertThat(consumer.take(1, PATIENCE.multipliedBy(10))).isEmpty();
    }

    @Test
    void closeWakesAWaitingTake() throws Exception {
        var broker = broker();
        var consumer = consumer(broker, 1, declared(broker, "close"));
        var taken = inBackground(() -> consumer.take(1, PATIENCE.multipliedBy(10)));

        consumer.close();

        assertThat(taken.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEmpty();
        consumer.close();
        consumer.cancel();
    }

    @Test
    void cancelGivesBackWhatWasNotTaken() throws Exception {
        var broker = broker();
        var queue = declared(broker, "give-back");
        broker.publish(publications(queue, 0, 10));
        var cancelled = consumer(broker, 10, queue);
        var kept = takeOne(cancelled);

        cancelled.cancel();

        var other = consumer(broker(), 0, queue);
        assertThat(takeAndAck(other, 9))
                .extracting(BrokerContract::body)
                .doesNotContain(body(kept))
                .doesNotHaveDuplicates();
        kept.ack();
        cancelled.close();
        assertThat(other.take(1, SILENCE)).isEmpty();
    }

    @Test
    void aMessageThatArrivesAfterTheCancelIsForOthers() throws Exception {
        var broker = broker();
        var queue = declared(broker, "after-cancel");
        var cancelled = consumer(broker, 10, queue);
        cancelled.cancel();

        broker.publish(publications(queue, 0, 1));

        assertThat(cancelled.take(1, SILENCE)).isEmpty();
        assertThat(body(takeOne(consumer(broker(), 1, queue)))).isEqualTo("m0");
    }

    @Test
    void closingABrokerTwiceIsHarmless() throws Exception {
        var broker = broker();
        declared(broker, "closed");

        broker.close();
        broker.close();
    }

    @Test
    void lengthCountsWhatWaitsAndPurgeRemovesIt() throws Exception {
        var broker = broker();
        var queue = declared(broker, "length");
        assertThat(broker.length(queue.name())).isZero();

        broker.publish(publications(queue, 0, 5));

        assertThat(broker().length(queue.name())).isEqualTo(5);
        assertThat(broker.purge(queue.name())).isEqualTo(5);
        assertThat(broker.length(queue.name())).isZero();
        assertThat(broker.purge(queue.name())).isZero();
        assertNothingLeft(broker, queue);
    }

    @Test
    void purgeLeavesWhatConsumersHold() throws Exception {
        var broker = broker();
        var queue = declared(broker, "purge-held");
        broker.publish(publications(queue, 0, 4));
        var consumer = consumer(broker, 1, queue);
        takeOne(consumer);

        assertThat(broker.length(queue.name())).isEqualTo(3);
        assertThat(broker.purge(queue.name())).isEqualTo(3);
        consumer.close();

        assertThat(body(takeOne(consumer(broker, 1, queue)))).isEqualTo("m0");
    }

    @Test
    void anUnknownQueueHasNoMessages() throws Exception {
        var broker = broker();

        assertThat(broker.length(prefix + "unknown")).isZero();
        assertThat(body(roundTripOn(broker, message("still works")))).isEqualTo("still works");
    }

    @Test
    void declaringAgainIsHarmless() throws Exception {
        var broker = broker();
        var queue = declared(broker, "again");
        broker.publish(publications(queue, 0, 1));

        broker.declare(queue);
        broker().declare(queue);

        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    @Test
    void declaringWithOtherPropertiesIsRefused() throws Exception {
        var broker = broker();
        var queue = Queue.named(prefix + "properties");
        broker.declare(queue);
        var other =
                new Queue(
                        queue.name(),
                        new Exchange(queue.name(), Exchange.Type.FANOUT, true),
                        queue.routingKey(),
                        queue.lifetime(),
                        Map.of());

        if (remembersProperties()) {
            assertThatThrownBy(() -> broker.declare(other))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isFalse());
        }

        broker.publish(publications(queue, 0, 1));
        assertThat(body(takeOne(consumer(broker, 1, queue)))).isEqualTo("m0");
    }

    @Test
    void aQueueIsReachedThroughItsOwnExchange() throws Exception {
        var broker = broker();
        var queue = declared(broker, "own-exchange");

        broker().publish(
                        List.of(
                                new Publication(
                                        queue.exchange().name(),
                                        queue.routingKey(),
                                        message("through"))));

        var delivery = takeOne(consumer(broker, 1, queue));
        assertThat(body(delivery)).isEqualTo("through");
        assertThat(delivery.exchange()).isEqualTo(queue.exchange().name());
        assertThat(delivery.routingKey()).isEqualTo(queue.routingKey());
    }

    @Test
    void aDirectExchangeCopiesToEachQueueWithTheKey() throws Exception {
        var broker = broker();
        var exchange = Exchange.direct(prefix + "direct");
        var one = bound(broker, "direct-1", exchange, "red");
        var two = bound(broker, "direct-2", exchange, "red");
        var three = bound(broker, "direct-3", exchange, "blue");

        publish(broker(), exchange, "red", "to red");
        publish(broker, exchange, "blue", "to blue");

        assertThat(bodiesIn(broker, one)).containsExactly("to red");
        assertThat(bodiesIn(broker, two)).containsExactly("to red");
        assertThat(bodiesIn(broker, three)).containsExactly("to blue");
    }

    @ParameterizedTest
    @CsvSource({
        "stock.usd.*, stock.usd.nyse, true",
        "stock.usd.*, stock.usd, false",
        "stock.usd.*, stock.usd.nyse.ibm, false",
        "*.usd.*, stock.usd.nyse, true",
        "*, stock, true",
        "*, stock.usd, false",
        "stock.#, stock, true",
        "stock.#, stock.usd.nyse, true",
        "stock.#, stocks.usd, false",
        "#, anything.at.all, true",
        "#, '', true",
        "*, '', false",
        "#.nyse, stock.usd.nyse, true",
        "#.nyse, nyse, true",
        "stock.#.nyse, stock.nyse, true",
        "stock.#.nyse, stock.usd.eur.nyse, true",
        "stock.#.nyse, stock.usd.eur, false",
        "#.usd.#, a.b.usd, true",
        "stock.usd, stock.usd, true",
        "stock.usd, stockxusd, false",
        "stock+, stockk, false"
    })
    void aTopicExchangeMatchesWords(String pattern, String key, boolean matches) throws Exception {
        var broker = broker();
        var exchange = new Exchange(prefix + "topic", Exchange.Type.TOPIC, true);
        var queue = bound(broker, "topic", exchange, pattern);
        var catchAll = bound(broker, "topic-all", exchange, key);

        publish(broker, exchange, key, "hello");

        assertThat(bodiesIn(broker, catchAll)).containsExactly("hello");
        var consumer = consumer(broker, 1, queue);
        assertThat(consumer.take(1, matches ? PATIENCE : SILENCE)).hasSize(matches ? 1 : 0);
    }

    @Test
    void aFanoutExchangeCopiesToEveryReader() throws Exception {
        var exchange = new Exchange(prefix + "fanout", Exchange.Type.FANOUT, true);
        var consumers = new ArrayList<Consumer>();
        for (var number = 0; number < 3; number++) {
            var broker = broker();
            var queue = bound(broker, "fanout-" + number, exchange, "");
            // Read before the publication, because some brokers hand copies only to who is there.
            consumers.add(consumer(broker, 0, queue));
        }

        var publisher = broker();
        for (var number = 0; number < 10; number++) {
            publish(publisher, exchange, "", "copy " + number);
        }

        for (var consumer : consumers) {
            assertThat(takeAndAck(consumer, 10))
                    .extracting(BrokerContract::body)
                    .containsExactlyElementsOf(
                            IntStream.range(0, 10).mapToObj(n -> "copy " + n).toList());
        }
    }

    @Test
    void aMessageThatNoQueueGetsIsRefused() throws Exception {
        var broker = broker();
        var exchange = Exchange.direct(prefix + "unroutable");
        bound(broker, "unroutable", exchange, "known");

        var unbound = new Publication(exchange.name(), "unknown", message("lost"));
        assertThatThrownBy(() -> broker.publish(List.of(unbound)))
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        e -> {
                            assertThat(e.isTransient()).isFalse();
                            assertThat(e.isUnroutable()).isTrue();
                        });
        var nowhere = new Publication(prefix + "no-such-exchange", "known", message("lost"));
        assertThatThrownBy(() -> broker.publish(List.of(nowhere)))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.isTransient()).isFalse());

        assertThat(body(roundTripOn(broker, message("still works")))).isEqualTo("still works");
    }

    @Test
    void aRepliesQueueBelongsToItsReader() throws Exception {
        var client = broker();
        var worker = broker();
        var replies = Queue.replies(prefix + "replies", Map.of());
        client.declare(replies);
        var consumer = consumer(client, 0, replies);

        worker.publish(
                IntStream.range(0, 50).mapToObj(n -> to(replies, message("m" + n))).toList());
        var taken = takeUnsettled(consumer, 50);

        assertThat(taken)
                .extracting(BrokerContract::body)
                .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(n -> "m" + n).toList());
        taken.get(0).ack();
        taken.get(1).reject(true);
        assertThat(consumer.take(1, SILENCE)).isEmpty();
        consumer.close();
        assertThat(worker.length(replies.name())).isZero();
    }

    @Test
    void repliesAreNotHeldAgainstThePrefetchCount() throws Exception {
        var broker = broker();
        var replies = Queue.replies(prefix + "replies-prefetch", Map.of());
        broker.declare(replies);
        var consumer = consumer(broker, 1, replies);

        broker.publish(IntStream.range(0, 5).mapToObj(n -> to(replies, message("m" + n))).toList());

        assertThat(takeUnsettled(consumer, 5)).hasSize(5);
    }

    private static final Message.Properties PLAIN = Message.Properties.DEFAULT;

    /// A broker that is closed after the test, after its consumers.
    protected final Broker broker() throws Exception {
        var broker = openBroker();
        opened.push(broker);
        return broker;
    }

    /// Opens a consumer that is closed after the test.
    protected final Consumer consumer(Broker broker, int prefetch, Queue... queues) {
        Collection<Queue> read = List.of(queues);
        var consumer = broker.consume(read, prefetch);
        opened.push(consumer);
        return consumer;
    }

    /// Declares a queue with a name of this test's own that ends with `name`.
    protected final Queue declared(Broker broker, String name) {
        var queue = Queue.named(prefix + name);
        broker.declare(queue);
        return queue;
    }

    private Queue bound(Broker broker, String name, Exchange exchange, String key) {
        var queue = new Queue(prefix + name, exchange, key, Queue.Lifetime.DURABLE, Map.of());
        broker.declare(queue);
        return queue;
    }

    private <T> Future<T> inBackground(Callable<T> work) {
        return threads.submit(work);
    }

    /// A text message.
    protected static Message message(String text) {
        return new Message(bytes(text), "text/plain", "utf-8", Map.of(), PLAIN);
    }

    private static Message withPriority(String text, int priority) {
        var properties = new Message.Properties(null, null, true, priority, null);
        return new Message(bytes(text), "text/plain", "utf-8", Map.of(), properties);
    }

    /// Sends straight to the queue.
    protected static Publication to(Queue queue, Message message) {
        return new Publication("", queue.name(), message);
    }

    /// The messages `m<from>` to `m<end-1>` for the queue.
    protected static List<Publication> publications(Queue queue, int from, int end) {
        return IntStream.range(from, end)
                .mapToObj(number -> to(queue, message("m" + number)))
                .toList();
    }

    private static void publish(Broker broker, Exchange exchange, String key, String text) {
        broker.publish(List.of(new Publication(exchange.name(), key, message(text))));
    }

    private Message roundTrip(Message message) throws Exception {
        return roundTripOn(broker(), message).message();
    }

    private Delivery roundTripOn(Broker publisher, Message message) throws Exception {
        var queue = declared(publisher, "round-trip-" + UUID.randomUUID());
        publisher.publish(List.of(to(queue, message)));
        var delivery = takeOne(consumer(broker(), 1, queue));
        delivery.ack();
        return delivery;
    }

    private List<String> bodiesIn(Broker broker, Queue queue) {
        var consumer = consumer(broker, 0, queue);
        var bodies = new ArrayList<String>();
        for (var delivery : consumer.take(1, PATIENCE)) {
            bodies.add(body(delivery));
            delivery.ack();
        }
        for (var delivery : consumer.take(10, SILENCE)) {
            bodies.add(body(delivery));
            delivery.ack();
        }
        return bodies;
    }

    /// Takes one delivery and leaves it unsettled.
    protected static Delivery takeOne(Consumer consumer) {
        var taken = consumer.take(1, PATIENCE);
        assertThat(taken).as("a delivery").hasSize(1);
        return taken.getFirst();
    }

    /// Takes exactly `count` deliveries and leaves them unsettled.
    protected static List<Delivery> takeUnsettled(Consumer consumer, int count) {
        var all = new ArrayList<Delivery>();
        while (all.size() < count) {
            var taken = consumer.take(count - all.size(), PATIENCE);
            assertThat(taken).as("deliveries after %d of %d", all.size(), count).isNotEmpty();
            all.addAll(taken);
        }
        return all;
    }

    /// Takes `count` deliveries, one at a time, and acknowledges each before the next.
    protected static List<Delivery> takeAndAck(Consumer consumer, int count) {
        var all = new ArrayList<Delivery>();
        while (all.size() < count) {
            var delivery = takeOne(consumer);
            delivery.ack();
            all.add(delivery);
        }
        return all;
    }

    /// Waits, because a broker need not confirm a settlement.
    private void assertNothingLeft(Broker broker, Queue queue) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.length(queue.name())).isZero());
        assertThat(consumer(broker, 1, queue).take(1, SILENCE)).isEmpty();
    }

    /// The body as text.
    protected static String body(Delivery delivery) {
        return new String(delivery.message().body(), UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /// With all whole numbers as `Long`: transports do not tell the widths apart.
    private static @Nullable Object normal(@Nullable Object value) {
        return switch (value) {
            case Integer number -> number.longValue();
            case List<?> items -> {
                var copy = new ArrayList<@Nullable Object>();
                items.forEach(item -> copy.add(normal(item)));
                yield copy;
            }
            case Map<?, ?> entries -> {
                var copy = new HashMap<@Nullable Object, @Nullable Object>();
                entries.forEach((key, item) -> copy.put(key, normal(item)));
                yield copy;
            }
            case null -> null;
            default -> value;
        };
    }
}
