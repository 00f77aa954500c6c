package dev.muster.queue.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a broker in a database promises beyond the contract of all brokers, run for each database.
@Timeout(120)
abstract class DatabaseBrokerContract {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SHORT_LEASE = Duration.ofMillis(600);
    private static final Duration LONG_LEASE = Duration.ofMinutes(10);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue queue = Queue.named("tasks");

    /// The same database during a test, an empty one for each test.
    abstract String url();

    abstract String jdbcUrl();

    @AfterEach
    final void closeAll() throws Exception {
        threads.shutdownNow();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private Broker broker(Duration lease) {
        var broker = Databases.broker(url(), lease);
        opened.push(broker);
        broker.declare(queue);
        return broker;
    }

    private Consumer consumer(Broker broker, Queue... queues) {
        var consumer = broker.consume(queues.length == 0 ? List.of(queue) : List.of(queues), 0);
        opened.push(consumer);
        return consumer;
    }

    private Connection connection() throws Exception {
        var connection = DriverManager.getConnection(jdbcUrl());
        opened.push(connection);
        return connection;
    }

    private void execute(String sql) throws Exception {
        try (var connection = DriverManager.getConnection(jdbcUrl());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Delivery one(Consumer consumer) {
        var taken = consumer.take(1, PATIENCE);
        assertThat(taken).hasSize(1);
        return taken.getFirst();
    }

    private static void publishWithin(
            Connection transaction, Broker broker, Queue queue, String text) {
        broker.transactions()
                .orElseThrow()
                .publish(transaction, List.of(), List.of(Databases.publication(queue, text)));
    }

    static String body(Delivery delivery) {
        return new String(delivery.message().body(), UTF_8);
    }

    @Test
    void nothingOfABatchThatFailedIsSentWithTheNext() {
        var broker = broker(LONG_LEASE);
        var first = Databases.publication(queue, "first");
        var unwritable = new Publication("", queue.name(), first.message(), Instant.MAX);
        assertThatThrownBy(() -> broker.publish(List.of(first, unwritable)))
                .isInstanceOf(ArithmeticException.class);

        broker.publish(List.of(Databases.publication(queue, "second")));

        assertThat(broker.length(queue.name())).isEqualTo(1);
    }

    @Test
    void aLongTaskKeepsItsLease() {
        var broker = broker(SHORT_LEASE);
        var other = broker(SHORT_LEASE);
        broker.publish(List.of(Databases.publication(queue, "long")));
        var held = one(consumer(broker));

        assertThat(consumer(other).take(1, SHORT_LEASE.multipliedBy(5))).isEmpty();

        held.ack();
        broker.publish(List.of(Databases.publication(queue, "next")));
        assertThat(body(one(consumer(other)))).isEqualTo("next");
    }

    @Test
    void theMessagesOfADeadConsumerComeBackAndWakeWhoWaits() throws Exception {
        var broker = broker(SHORT_LEASE);
        broker.publish(List.of(Databases.publication(queue, "orphan")));
        // As if a process had claimed it and died.
        execute("INSERT INTO muster_consumer (name, lease_until) VALUES ('dead', 0)");
        execute(
                "UPDATE muster_message SET claimed_by = (SELECT MAX(id) FROM muster_consumer WHERE name = 'dead'),"
                        + " deliveries = 1");

        var delivery = one(consumer(broker));

        assertThat(body(delivery)).isEqualTo("orphan");
        assertThat(delivery.redelivered()).isTrue();
    }

    @Test
    void whoLostTheLeaseCannotSettleAnothersClaim() throws Exception {
        var broker = broker(LONG_LEASE);
        var other = broker(LONG_LEASE);
        broker.publish(
                List.of(
                        Databases.publication(queue, "acked late"),
                        Databases.publication(queue, "requeued late")));
        var late = consumer(broker).take(2, PATIENCE);
        assertThat(late).hasSize(2);
        execute("DELETE FROM muster_consumer"); // as when the lease has run out
        var reader = consumer(other);
        var taken = reader.take(2, PATIENCE);
        assertThat(taken).hasSize(2).allMatch(Delivery::redelivered);

        late.get(0).ack();
        late.get(1).reject(true);

        assertThat(other.length(queue.name())).isZero();
        reader.close();
        assertThat(other.length(queue.name())).isEqualTo(2);
    }

    @Test
    void aConsumerThatLostItsLeaseGoesOn() throws Exception {
        var broker = broker(LONG_LEASE);
        var consumer = consumer(broker);
        execute("DELETE FROM muster_consumer");

        broker.publish(List.of(Databases.publication(queue, "after")));
        var delivery = one(consumer);
        delivery.ack();

        assertThat(body(delivery)).isEqualTo("after");
        consumer.close();
        assertThat(broker.length(queue.name())).isZero();
    }

    @Test
    void anExpiredMessageIsDropped() {
        var broker = broker(LONG_LEASE);
        var mortal = new Message.Properties(null, null, true, null, 1L);
        broker.publish(
                List.of(
                        new Publication(
                                "",
                                queue.name(),
                                new Message(new byte[1], null, null, Map.of(), mortal)),
                        Databases.publication(queue, "stays")));
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.length(queue.name())).isEqualTo(1));
        var consumer = consumer(broker);

        assertThat(consumer.take(10, PATIENCE))
                .extracting(DatabaseBrokerContract::body)
                .containsExactly("stays");
        consumer.close();
        assertThat(broker.purge(queue.name())).isEqualTo(1);
    }

    @Test
    void aRowThatIsNoMessageIsADefectAndDisturbsNobody() throws Exception {
        var broker = broker(LONG_LEASE);
        var broken =
                List.of("{", "[]", "", "{\"a\":", "null", "{\"x\": {\"__type__\": \"?\"", "\u0001");
        for (var text : broken) {
            broker.publish(List.of(Databases.publication(queue, text)));
        }
        broker.publish(List.of(Databases.publication(queue, "good")));
        try (var connection = connection();
                var update =
                        connection.prepareStatement(
                                "UPDATE muster_message SET headers = ? WHERE body = ?")) {
            for (var text : broken) {
                update.setString(1, text);
                update.setBytes(2, text.getBytes(UTF_8));
                assertThat(update.executeUpdate()).isEqualTo(1);
            }
        }
        execute(
                "INSERT INTO muster_message (queue, priority, exchange, routing_key, headers, properties, body)"
                        + " SELECT queue, 0, '', queue, '{}', '{\"delivery_mode\": [], \"priority\": 1e99}', body"
                        + " FROM muster_message WHERE headers = '['");

        var consumer = consumer(broker);
        var taken = consumer.take(20, PATIENCE);

        assertThat(taken).hasSize(broken.size() + 1);
        var defects = taken.subList(0, broken.size());
        assertThat(defects).allMatch(delivery -> delivery.defect().isPresent());
        assertThat(defects).extracting(DatabaseBrokerContract::body).isEqualTo(broken);
        assertThat(taken.getLast().defect()).isEmpty();
        taken.forEach(delivery -> delivery.reject(false));
        consumer.close();
        assertThat(broker.length(queue.name())).isZero();
    }

    @Test
    void aSendInATransactionArrivesWhenThatCommits() throws Exception {
        var broker = broker(LONG_LEASE);
        var consumer = consumer(broker(LONG_LEASE));
        execute("CREATE TABLE orders (id INTEGER)");
        var transaction = connection();
        transaction.setAutoCommit(false);
        for (var round = 0; round < 20; round++) {
            var waiting = threads.submit(() -> consumer.take(1, PATIENCE));
            try (var statement = transaction.createStatement()) {
                statement.execute("INSERT INTO orders VALUES (1)");
            }
            publishWithin(transaction, broker, queue, "order " + round);
            assertThat(broker.length(queue.name())).isZero();
            assertThat(waiting).isNotDone();

            transaction.commit();

            var taken = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(taken)
                    .extracting(DatabaseBrokerContract::body)
                    .containsExactly("order " + round);
            taken.forEach(Delivery::ack);
        }
    }

    @Test
    void aSendInATransactionThatIsRolledBackNeverWas() throws Exception {
        var broker = broker(LONG_LEASE);
        var transaction = connection();
        transaction.setAutoCommit(false);

        publishWithin(transaction, broker, queue, "no");
        transaction.rollback();
        publishWithin(transaction, broker, queue, "yes");
        transaction.commit();

        var taken = consumer(broker).take(10, PATIENCE);
        assertThat(taken).extracting(DatabaseBrokerContract::body).containsExactly("yes");
    }

    @Test
    void aTransactionPublishesWhileOthersDo() throws Exception {
        var broker = broker(LONG_LEASE);
        var other = broker(LONG_LEASE);
        var transaction = connection();
        transaction.setAutoCommit(false);
        var isDone = new AtomicBoolean();
        var sent =
                threads.submit(() -> {
                    var count = 0;
                    for (; !isDone.get(); count++) {
                        other.publish(List.of(Databases.publication(queue, "other")));
                    }
                    return count;
                });
        for (var round = 0; round < 200; round++) {
            publishWithin(transaction, broker, queue, "order " + round);
            transaction.commit();
        }
        isDone.set(true);
        var others = sent.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(broker.length(queue.name())).isEqualTo(200 + others);
    }

    @Test
    void aSendWithoutTransactionIsRefused() throws Exception {
        var broker = broker(LONG_LEASE);
        var transaction = connection();

        assertThatThrownBy(() -> publishWithin(transaction, broker, queue, "x"))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("setAutoCommit(false)");
        transaction.setAutoCommit(false);
        assertThatThrownBy(() -> publishWithin(transaction, broker, Queue.named("unknown"), "x"))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("no queue takes a message to queue 'unknown'");
    }

    @Test
    void theTablesAreMadeByWhoeverComesFirst() throws Exception {
        var start = new CountDownLatch(1);
        var all = new ArrayList<Future<?>>();
        for (var number = 0; number < 8; number++) {
            all.add(
                    threads.submit(() -> {
                        start.await();
                        var broker = Databases.broker(url(), LONG_LEASE);
                        synchronized (opened) {
                            opened.push(broker);
                        }
                        broker.declare(queue);
                        broker.publish(List.of(Databases.publication(queue, "x")));
                        return null;
                    }));
        }

        start.countDown();

        for (var one : all) {
            one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(broker(LONG_LEASE).length(queue.name())).isEqualTo(8);
    }

    @Test
    void tablesOfANewerVersionAreRefused() throws Exception {
        broker(LONG_LEASE);
        execute("INSERT INTO muster_version VALUES (99)");

        assertThatThrownBy(() -> broker(LONG_LEASE))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining("version 99")
                .hasMessageContaining("newer Muster");
    }

    @Test
    void anUnroutableMessageHoldsUpNobodyElse() throws Exception {
        var broker = broker(LONG_LEASE);
        var good = new ArrayList<Future<?>>();
        var bad = new ArrayList<Future<?>>();
        for (var number = 0; number < 100; number++) {
            good.add(
                    threads.submit(
                            () -> broker.publish(List.of(Databases.publication(queue, "good")))));
            bad.add(
                    threads.submit(() ->
                            broker.publish(
                                    List.of(
                                            Databases.publication(queue, "bad"),
                                            Databases.publication(
                                                    Queue.named("unknown"), "bad")))));
        }
        for (var one : good) {
            one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        for (var one : bad) {
            assertThatThrownBy(() -> one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(BrokerException.class);
        }
        assertThat(broker.length(queue.name())).isEqualTo(100);
    }

    @Test
    void anAbandonedQueueOfRepliesIsRemoved() throws Exception {
        var broker = broker(SHORT_LEASE);
        var replies = Queue.replies("replies", Map.of());
        broker.declare(replies);
        broker.publish(List.of(Databases.publication(replies, "nobody reads")));
        execute("UPDATE muster_queue SET touched_at = 1 WHERE name = 'replies'");

        consumer(broker);

        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.length(replies.name())).isZero());
        assertThatThrownBy(
                        () -> broker.publish(List.of(Databases.publication(replies, "too late"))))
                .isInstanceOf(BrokerException.class);
    }

    @Test
    void aQueueOfRepliesIsRemovedWithAllItsMessages() throws Exception {
        var broker = broker(SHORT_LEASE);
        var other = Queue.named("other");
        var replies = Queue.replies("replies", Map.of());
        broker.declare(other);
        broker.declare(replies);
        broker.publish(
                List.of(
                        Databases.publication(other, "another's"),
                        Databases.publication(replies, "now"),
                        new Publication(
                                "",
                                replies.name(),
                                Databases.publication(replies, "later").message(),
                                Instant.now().plus(Duration.ofHours(1)))));

        broker.consume(List.of(replies), 0).close();

        try (var connection = DriverManager.getConnection(jdbcUrl());
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT queue FROM muster_message")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("other");
            assertThat(rows.next()).isFalse();
        }
    }
}
