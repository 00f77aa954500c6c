package dev.muster.queue.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import dev.muster.testkit.PostgresServer;
import dev.muster.testkit.Servers;
import dev.muster.testkit.TcpProxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresDatabaseTest extends DatabaseBrokerContract {
    private static final Queue QUEUE = Queue.named("tasks");

    private String database = "";

    @BeforeEach
    void createDatabase() {
        database = Servers.postgres().newDatabase();
    }

    @Override
    String url() {
        return database;
    }

    @Override
    String jdbcUrl() {
        return "jdbc:" + database.replace("muster@", "") + "?user=muster";
    }

    @Test
    void aMissingDatabaseIsNamedWithTheWayOut() {
        try (var broker =
                Databases.broker(
                        Servers.postgres().url("missing").replace("muster@", "muster:secret@"))) {
            assertThat(broker.description()).contains("muster:**@").doesNotContain("secret");
            assertThatThrownBy(() -> broker.declare(QUEUE))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isFalse())
                    .hasMessageContainingAll("\"missing\" does not exist", "createdb")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void aWrongPasswordIsRefusedWithTheWayOut() throws Exception {
        try (var server = PostgresServer.create()) {
            requirePassword(server, "right");
            var wrong = server.url().replace("muster@", "muster:wrong@");
            try (var broker = Databases.broker(wrong)) {
                assertThatThrownBy(() -> broker.declare(QUEUE))
                        .isInstanceOfSatisfying(
                                BrokerException.class, e -> assertThat(e.isTransient()).isFalse())
                        .hasMessageContainingAll("muster:**@", "look at user and password")
                        .hasMessageNotContaining("wrong");
            }
            try (var broker = Databases.broker(server.url().replace("muster@", "muster:right@"))) {
                broker.declare(QUEUE);
            }
        }
    }

    private static void requirePassword(PostgresServer server, String password) throws Exception {
        var url = "jdbc:" + server.url().replace("muster@", "") + "?user=muster";
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute("ALTER ROLE muster PASSWORD '" + password + "'");
            try (var answer = statement.executeQuery("SHOW hba_file")) {
                answer.next();
                statement.execute(
                        "COPY (SELECT 'host all all 127.0.0.1/32 scram-sha-256') TO '"
                                + answer.getString(1)
                                + "'");
            }
            statement.execute("SELECT pg_reload_conf()");
        }
        // The server reads it a moment later.
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> {
                    try (var connection = DriverManager.getConnection(url)) {
                        return !connection.isValid(1);
                    } catch (SQLException _) {
                        return true;
                    }
                });
    }

    @Test
    void aServerThatIsNotThereIsTransient() {
        try (var broker = Databases.broker("postgresql://u:secret@127.0.0.1:1/db")) {
            assertThatThrownBy(() -> broker.declare(QUEUE))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue())
                    .hasMessageNotContaining("secret");
        }
    }

    private static final int MANY = 500;

    private static void publish(Broker broker, String prefix, int count) {
        publish(broker, QUEUE, prefix, count);
    }

    private static void publish(Broker broker, Queue queue, String prefix, int count) {
        broker.publish(
                IntStream.range(0, count)
                        .mapToObj(number -> Databases.publication(queue, prefix + number))
                        .toList());
    }

    private static String takeOne(Consumer consumer) {
        var delivery = consumer.take(1, PATIENCE).getFirst();
        delivery.ack();
        return body(delivery);
    }

    /// How many others are taken before this one.
    private static int countBefore(Consumer consumer, String text) {
        var count = 0;
        while (!takeOne(consumer).equals(text)) {
            count++;
        }
        return count;
    }

    /// Its row comes to stand before those that have been taken already.
    @Test
    void aMessageOfATransactionThatTookLongDoesNotWaitForTheEndOfTheQueue() throws Exception {
        try (var broker = Databases.broker(url());
                var sender = DriverManager.getConnection(jdbcUrl())) {
            broker.declare(QUEUE);
            sender.setAutoCommit(false);
            try (var insert = sender.createStatement()) {
                insert.execute(
                        """
                        INSERT INTO muster_message
                          (queue, priority, exchange, routing_key, headers, properties, body)
                        VALUES ('tasks', 0, '', 'tasks', '{}', '{}', 'late')
                        """);
                publish(broker, "m", MANY);
                try (var consumer = broker.consume(List.of(QUEUE), 0)) {
                    assertThat(takeOne(consumer)).isEqualTo("m0");
                    insert.execute("NOTIFY muster_messages, 'tasks'");
                    sender.commit();
                    assertThat(countBefore(consumer, "late")).isLessThan(MANY - 1);
                }
            }
        }
    }

    @Test
    void whatAnotherGivesBackDoesNotWaitForTheEndOfTheQueue() {
        try (var broker = Databases.broker(url());
                var other = Databases.broker(url())) {
            broker.declare(QUEUE);
            publish(broker, "m", MANY);
            try (var consumer = broker.consume(List.of(QUEUE), 0)) {
                try (var others = other.consume(List.of(QUEUE), 1)) {
                    assertThat(others.take(1, PATIENCE)).hasSize(1);
                    assertThat(takeOne(consumer)).isEqualTo("m1");
                }
                assertThat(countBefore(consumer, "m0")).isLessThan(MANY - 2);
            }
        }
    }

    @Test
    void whatIsMoreUrgentComesBeforeTheRestOfThoseThatHaveBeenTakenFrom() {
        try (var broker = Databases.broker(url())) {
            broker.declare(QUEUE);
            publish(broker, "m", 5);
            try (var consumer = broker.consume(List.of(QUEUE), 0)) {
                assertThat(takeOne(consumer)).isEqualTo("m0");
                broker.publish(List.of(with("urgent", 5, null), with("later", -1, null)));
                assertThat(takeOne(consumer)).isEqualTo("urgent");
                assertThat(consumer.take(5, PATIENCE))
                        .extracting(DatabaseBrokerContract::body)
                        .containsExactly("m1", "m2", "m3", "m4", "later");
            }
        }
    }

    @Test
    void whatHasExpiredBehindThoseThatHaveBeenTakenIsPassedOver() {
        try (var broker = Databases.broker(url())) {
            broker.declare(QUEUE);
            publish(broker, "m", 2);
            try (var consumer = broker.consume(List.of(QUEUE), 0)) {
                assertThat(takeOne(consumer)).isEqualTo("m0");
                broker.publish(List.of(with("old", 0, 0L), with("older", 0, 0L)));
                publish(broker, "n", 1);
                assertThat(takeOne(consumer)).isEqualTo("m1");
                assertThat(takeOne(consumer)).isEqualTo("n0");
            }
            assertThat(broker.length(QUEUE.name())).isZero();
        }
    }

    private static Publication with(String text, int priority, @Nullable Long expiration) {
        return Databases.publication(
                QUEUE, text, new Message.Properties(null, null, true, priority, expiration));
    }

    @Test
    void aQueueThatWasEmptyIsTakenFromAgainAmongSeveral() {
        var other = Queue.named("other");
        try (var broker = Databases.broker(url())) {
            broker.declare(QUEUE);
            broker.declare(other);
            publish(broker, "m", 3);
            broker.publish(List.of(Databases.publication(other, "o0")));
            try (var consumer = broker.consume(List.of(QUEUE, other), 0)) {
                assertThat(List.of(takeOne(consumer), takeOne(consumer)))
                        .containsExactlyInAnyOrder("m0", "o0");
                assertThat(takeOne(consumer)).isEqualTo("m1");
                broker.publish(List.of(Databases.publication(other, "o1")));
                assertThat(List.of(takeOne(consumer), takeOne(consumer)))
                        .containsExactlyInAnyOrder("m2", "o1");
                publish(broker, "n", 1);
                assertThat(takeOne(consumer)).isEqualTo("n0");
            }
        }
    }

    @Test
    void whatIsGivenBackHereIsTheNext() {
        try (var broker = Databases.broker(url())) {
            broker.declare(QUEUE);
            publish(broker, "m", 5);
            try (var consumer = broker.consume(List.of(QUEUE), 0)) {
                var taken = consumer.take(2, PATIENCE);
                taken.getFirst().reject(true);
                assertThat(takeOne(consumer)).isEqualTo("m0");
                assertThat(takeOne(consumer)).isEqualTo("m2");
            }
        }
    }

    /// Of many rows, the driver makes few statements.
    @Test
    void aBatchKeepsWhatIsThereOfEachMessageAndWhatIsNot() throws Exception {
        var publications = IntStream.range(0, 300).mapToObj(PostgresDatabaseTest::various).toList();
        var later = Instant.now().plus(Duration.ofMinutes(1));
        var forNow =
                publications.stream()
                        .filter(each ->
                                each.notBefore() == null || each.notBefore().isBefore(later))
                        .map(Publication::message)
                        .sorted(
                                Comparator.comparingInt(message ->
                                        -Objects.requireNonNullElse(
                                                message.properties().priority(), 0)))
                        .toList();
        try (var broker = Databases.broker(url());
                var raw = DriverManager.getConnection(jdbcUrl());
                var looking = raw.createStatement()) {
            broker.declare(QUEUE);
            broker.publish(publications);
            assertThat(
                            count(
                                    looking,
                                    "SELECT COUNT(*) FROM muster_message WHERE due_at IS NOT NULL"))
                    .isEqualTo(publications.size() - forNow.size());
            assertThat(
                            count(
                                    looking,
                                    "SELECT COUNT(*) FROM muster_message WHERE expires_at IS NOT NULL"))
                    .isEqualTo(225);
            try (var consumer = broker.consume(List.of(QUEUE), 0)) {
                assertThat(consumer.take(publications.size(), PATIENCE))
                        .extracting(Delivery::message)
                        .usingRecursiveFieldByFieldElementComparator()
                        .containsExactlyElementsOf(forNow);
            }
        }
    }

    private static Publication various(int number) {
        var isPlain = number % 3 == 0;
        var properties =
                new Message.Properties(
                        isPlain ? null : "id " + number,
                        null,
                        true,
                        number % 7 == 0 ? null : 3,
                        number % 4 == 0 ? null : 3_600_000L);
        return new Publication(
                "",
                QUEUE.name(),
                new Message(
                        new byte[] {(byte) number},
                        isPlain ? null : "text/plain",
                        number % 5 == 0 ? null : "utf-8",
                        isPlain ? Map.of() : Map.of("number", (long) number),
                        properties),
                switch (number % 10) {
                    case 1 -> Instant.EPOCH;
                    case 2 -> Instant.now().plus(Duration.ofHours(1));
                    default -> null;
                });
    }

    /// 64 MB are the largest message that is sent by default. The driver would hold all rows of one
    /// statement in memory.
    @Test
    void aBatchMayBeLarge() {
        var large = new byte[64_000_000];
        try (var broker = Databases.broker(url())) {
            broker.declare(QUEUE);
            broker.publish(
                    Collections.nCopies(
                            17,
                            new Publication(
                                    "",
                                    QUEUE.name(),
                                    new Message(
                                            large,
                                            null,
                                            null,
                                            Map.of(),
                                            Message.Properties.DEFAULT))));
            assertThat(broker.length(QUEUE.name())).isEqualTo(17);
        }
    }

    /// What stands still is the server, say, and comes back for one of them a little earlier.
    @Test
    void whoStoodStillLeavesTheOthersTimeToRenew() throws Exception {
        var lease = Duration.ofSeconds(3);
        try (var toFirst = TcpProxy.before(Servers.postgres());
                var toSecond = TcpProxy.before(Servers.postgres());
                var first = Databases.broker(toFirst.url(url()), lease);
                var second = Databases.broker(toSecond.url(url()), lease);
                var raw = DriverManager.getConnection(jdbcUrl());
                var looking = raw.createStatement()) {
            first.declare(QUEUE);
            first.publish(
                    List.of(
                            Databases.publication(QUEUE, "held"),
                            Databases.publication(QUEUE, "held by the other")));
            try (var consumer = first.consume(List.of(QUEUE), 0);
                    var another = second.consume(List.of(QUEUE), 0)) {
                assertThat(consumer.take(1, PATIENCE)).hasSize(1);
                assertThat(another.take(1, PATIENCE)).hasSize(1);

                toFirst.pause();
                toSecond.pause();
                awaitThat(() -> expiredLeases(looking) == 2);
                toFirst.resume();
                awaitThat(() -> expiredLeases(looking) < 2);
                toSecond.resume();
                awaitThat(() -> expiredLeases(looking) == 0);

                assertThat(
                                count(
                                        looking,
                                        "SELECT COUNT(*) FROM muster_message WHERE claimed_by IS NOT NULL"))
                        .isEqualTo(2);
            }
        }
    }

    private static void awaitThat(Callable<Boolean> condition) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    private static int expiredLeases(Statement statement) throws SQLException {
        return count(
                statement,
                "SELECT COUNT(*) FROM muster_consumer WHERE lease_until < extract(epoch FROM clock_timestamp()) * 1000");
    }

    private static void awaitOneWaitsForALock(Statement statement) {
        awaitThat(() ->
                count(
                                statement,
                                """
                                SELECT COUNT(*) FROM pg_stat_activity
                                WHERE datname = current_database() AND wait_event_type = 'Lock'
                                """)
                        == 1);
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int count(Statement statement, String query) throws SQLException {
        try (var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /// Whoever notices the cut first opens the connections again: if that is the renewal of leases,
    /// the consumer goes on, else its take fails and the next one goes on.
    @Test
    void aCutConnectionLosesNoMessage() throws Exception {
        try (var proxy = TcpProxy.before(Servers.postgres());
                var publisher = Databases.broker(url());
                var broker = Databases.broker(proxy.url(url()))) {
            publisher.declare(QUEUE);
            for (var round = 0; round < 10; round++) {
                var consumer = broker.consume(List.of(QUEUE), 0);
                var waiting = CompletableFuture.supplyAsync(() -> consumer.take(1, PATIENCE));
                proxy.cut();
                publisher.publish(List.of(Databases.publication(QUEUE, "m" + round)));

                List<Delivery> taken;
                try {
                    taken = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    assertThat(e)
                            .cause()
                            .isInstanceOfSatisfying(
                                    BrokerException.class,
                                    failure -> assertThat(failure.isTransient()).isTrue());
                    consumer.close();
                    try (var next = publisher.consume(List.of(QUEUE), 0)) {
                        taken = next.take(1, PATIENCE);
                        taken.forEach(Delivery::ack);
                    }
                }
                assertThat(taken)
                        .extracting(DatabaseBrokerContract::body)
                        .containsExactly("m" + round);
                taken.forEach(Delivery::ack);
                consumer.close();
            }
            assertThat(publisher.length(QUEUE.name())).isZero();
        }
    }

    /// The server has claimed, and its answer is lost on the way.
    @Test
    void whatWasClaimedForACutConnectionReturns() throws Exception {
        try (var proxy = TcpProxy.before(Servers.postgres());
                var publisher = Databases.broker(url());
                var broker = Databases.broker(proxy.url(url()));
                var raw = DriverManager.getConnection(jdbcUrl());
                var claimed =
                        raw.prepareStatement(
                                "SELECT 1 FROM muster_message WHERE claimed_by IS NOT NULL")) {
            publisher.declare(QUEUE);
            var consumer = broker.consume(List.of(QUEUE), 0);
            // Meanwhile the leases have been renewed, which would hold the slow connection.
            publisher.publish(List.of(Databases.publication(QUEUE, "first")));
            consumer.take(1, PATIENCE).forEach(Delivery::ack);
            publisher.publish(List.of(Databases.publication(QUEUE, "kept")));
            proxy.delay(Duration.ofSeconds(3));
            var taking = CompletableFuture.supplyAsync(() -> consumer.take(1, PATIENCE));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> {
                        try (var rows = claimed.executeQuery()) {
                            return rows.next();
                        }
                    });

            proxy.cut();
            proxy.delay(Duration.ZERO);

            assertThatThrownBy(() -> taking.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue());
            consumer.close();
            try (var next = publisher.consume(List.of(QUEUE), 0)) {
                assertThat(next.take(1, PATIENCE))
                        .extracting(DatabaseBrokerContract::body)
                        .containsExactly("kept");
            }
        }
    }

    @Test
    void waitsForResultsGoOnAfterARestartOfTheServer() throws Exception {
        try (var server = PostgresServer.create()) {
            var url = server.newDatabase();
            try (var worker = Databases.store(url, Duration.ofDays(1));
                    var client = Databases.store(url, Duration.ofDays(1));
                    var broker = Databases.broker(url)) {
                broker.declare(QUEUE);
                broker.publish(List.of(Databases.publication(QUEUE, "kept")));
                var before = client.await("before");
                server.kill();
                assertThatThrownBy(() -> broker.length(QUEUE.name()))
                        .isInstanceOfSatisfying(
                                BrokerException.class, e -> assertThat(e.isTransient()).isTrue());
                var meanwhile = client.await("meanwhile");
                server.start();

                for (var id : List.of("before", "meanwhile")) {
                    Awaitility.await()
                            .atMost(PATIENCE)
                            .ignoreExceptions()
                            .until(() -> {
                                worker.store(
                                        new ResultRecord(
                                                id,
                                                State.SUCCESS,
                                                id,
                                                null,
                                                Instant.EPOCH,
                                                Map.of()),
                                        null);
                                return true;
                            });
                }

                for (var future : List.of(before, meanwhile)) {
                    assertThat(future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).state())
                            .isEqualTo(State.SUCCESS);
                }
                assertThat(broker.length(QUEUE.name())).isEqualTo(1);
            }
        }
    }

    /// The machine of a worker loses its power while a result is being stored. The server hears
    /// nothing of that, and would keep the row locked for hours.
    @Test
    void whatALostClientHadLockedIsFreeSoon() throws Exception {
        var url = url() + "?socketTimeout=2";
        try (var proxy = TcpProxy.before(Servers.postgres());
                var store = Databases.store(url, Duration.ofDays(1));
                var lost =
                        new PostgresDialect(
                                ServiceUrl.parse(proxy.url(url)),
                                Environment.of(Settings.DEFAULT));
                var transaction = lost.connect(Dialect.Purpose.RESULTS);
                var statement = transaction.createStatement()) {
            store.store(result(State.STARTED), null);
            lost.begin(transaction);
            assertThat(statement.executeUpdate("UPDATE muster_result SET expires_at = NULL"))
                    .isEqualTo(1);

            proxy.lose(EnumSet.allOf(TcpProxy.Direction.class));

            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(ResultStoreException.class)
                    .untilAsserted(() -> store.store(result(State.SUCCESS), null));
            assertThatThrownBy(() -> lost.rollback(transaction))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(lost.explain(e).isConnectionLost()).isTrue());
        }
    }

    /// A worker that was suspended in the middle of a transaction hears from the server itself that
    /// its session has ended.
    @Test
    void aSessionThatTheServerEndedIsOpenedAgain() throws Exception {
        var url = url() + "?socketTimeout=1";
        try (var dialect =
                        new PostgresDialect(
                                ServiceUrl.parse(url), Environment.of(Settings.DEFAULT));
                var other = dialect.connect(Dialect.Purpose.RESULTS);
                var transaction = dialect.connect(Dialect.Purpose.RESULTS);
                var statement = transaction.createStatement()) {
            dialect.begin(transaction);
            statement.execute("SELECT 1");
            Awaitility.await().atMost(PATIENCE).until(() -> hasNoneInTransaction(other));

            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> {
                                var failure = dialect.explain(e);
                                assertThat(failure.isConnectionLost()).as("%s", e).isTrue();
                                assertThat(failure.isTransient()).isTrue();
                            });
        }
    }

    private static boolean hasNoneInTransaction(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var sessions =
                        statement.executeQuery(
                                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                                        + " AND state = 'idle in transaction'")) {
            return !sessions.next();
        }
    }

    /// What a transaction has claimed for a consumer that another removes before its end.
    @Test
    void whatIsClaimedWhileItsConsumerIsRemovedComesBack() throws Exception {
        try (var broker = Databases.broker(url());
                var claiming = DriverManager.getConnection(jdbcUrl());
                var removing = DriverManager.getConnection(jdbcUrl());
                var looking = DriverManager.getConnection(jdbcUrl());
                var claim = claiming.createStatement();
                var removal = removing.createStatement();
                var statement = looking.createStatement()) {
            broker.declare(QUEUE);
            publish(broker, "m", 3);
            statement.execute("INSERT INTO muster_consumer (name, lease_until) VALUES ('c', 0)");
            claiming.setAutoCommit(false);
            claim.execute(
                    "UPDATE muster_message SET claimed_by = (SELECT id FROM muster_consumer)");
            var removed =
                    CompletableFuture.runAsync(
                            () -> execute(removal, "DELETE FROM muster_consumer"));
            awaitOneWaitsForALock(statement);
            claiming.commit();
            removed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

            assertThat(
                            count(
                                    statement,
                                    "SELECT COUNT(*) FROM muster_message WHERE claimed_by IS NULL"))
                    .isEqualTo(3);
        }
    }

    @Test
    void theUsualIsolationOfAServerKeepsNoClaimAlive() throws Exception {
        try (var raw = DriverManager.getConnection(jdbcUrl());
                var looking = raw.createStatement();
                var claiming = DriverManager.getConnection(jdbcUrl());
                var claim = claiming.createStatement()) {
            looking.execute(
                    "ALTER DATABASE %s SET default_transaction_isolation = 'repeatable read'"
                            .formatted(raw.getCatalog()));
            try (var broker = Databases.broker(url());
                    var consumer = broker.consume(List.of(QUEUE), 0)) {
                broker.declare(QUEUE);
                publish(broker, "m", 1);
                claiming.setAutoCommit(false);
                claim.execute(
                        "UPDATE muster_message SET claimed_by = (SELECT id FROM muster_consumer)");
                var closed = CompletableFuture.runAsync(consumer::close);
                awaitOneWaitsForALock(looking);
                claiming.commit();
                closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

                assertThat(broker.length(QUEUE.name())).isEqualTo(1);
            }
        }
    }

    @Test
    void noConsumerEndsWhereClaimsMayBeUnseen() throws Exception {
        try (var broker = Databases.broker(url());
                var _ = broker.consume(List.of(QUEUE), 0);
                var raw = DriverManager.getConnection(jdbcUrl());
                var statement = raw.createStatement()) {
            statement.execute("SET default_transaction_isolation = 'repeatable read'");
            assertThatThrownBy(() -> statement.execute("DELETE FROM muster_consumer"))
                    .hasMessageContaining("at the isolation level \"read committed\" only");

            statement.execute("SET default_transaction_isolation = 'read uncommitted'");
            assertThat(statement.executeUpdate("DELETE FROM muster_consumer")).isEqualTo(1);
        }
    }

    @Test
    void claimsAreCheckedWhereverTheSessionLooksForTables() throws Exception {
        try (var broker = Databases.broker(url());
                var _ = broker.consume(List.of(QUEUE), 0);
                var raw = DriverManager.getConnection(jdbcUrl());
                var statement = raw.createStatement()) {
            broker.declare(QUEUE);
            publish(broker, "m", 1);
            statement.execute("SET search_path = pg_catalog");

            assertThat(
                            statement.executeUpdate(
                                    "UPDATE public.muster_message SET claimed_by = (SELECT id FROM public.muster_consumer)"))
                    .isEqualTo(1);
            assertThat(statement.executeUpdate("DELETE FROM public.muster_consumer")).isEqualTo(1);
            assertThat(broker.length(QUEUE.name())).isEqualTo(1);
        }
    }

    @Test
    void theTablesMayTakeLongerToMakeThanAnAnswer() throws Exception {
        try (var raw = DriverManager.getConnection(jdbcUrl());
                var statement = raw.createStatement()) {
            raw.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(x'6d7573746572'::bigint)");
            try (var broker = Databases.broker(url() + "?socketTimeout=1")) {
                var declared = CompletableFuture.runAsync(() -> broker.declare(QUEUE));
                assertThatThrownBy(() -> declared.get(2, TimeUnit.SECONDS))
                        .isInstanceOf(TimeoutException.class);
                raw.commit();

                declared.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void nobodyUnknownClaims() throws Exception {
        try (var broker = Databases.broker(url());
                var raw = DriverManager.getConnection(jdbcUrl());
                var statement = raw.createStatement()) {
            broker.declare(QUEUE);
            publish(broker, "m", 1);

            assertThatThrownBy(
                            () -> statement.execute("UPDATE muster_message SET claimed_by = 999"))
                    .hasMessageContaining("consumer 999 is not in muster_consumer");
        }
    }

    /// A queue that was busy, has been empty for a minute, and then gets thousands. Its pages are
    /// still there, as they are after a vacuum that found the table in use.
    @Test
    void aTableThatTheServerTakesForEmptyIsNotReadAsAWhole() throws Exception {
        var count = 4_000;
        var other = Queue.named("other");
        var replies = Queue.replies("replies", Map.of());
        try (var raw = DriverManager.getConnection(jdbcUrl());
                var looking = raw.createStatement()) {
            try (var broker = Databases.broker(url());
                    var store = Databases.store(url(), Duration.ofDays(1))) {
                broker.declare(QUEUE);
                broker.declare(other);
                looking.execute("ALTER TABLE muster_message SET (vacuum_truncate = off)");
                publish(broker, "earlier", count);
                broker.purge(QUEUE.name());
                looking.execute("VACUUM ANALYZE muster_message, muster_result");
                looking.execute("SELECT pg_stat_reset()");
                publish(broker, "m", count);
                for (var queues : List.of(List.of(QUEUE), List.of(QUEUE, other))) {
                    try (var consumer = broker.consume(queues, 0)) {
                        work(consumer, store, count / 2);
                    }
                }
                publish(broker, "left", 1);
                broker.declare(replies);
                broker.consume(List.of(replies), 0).close();
            }

            awaitStatistics(looking);
            assertThat(
                            count(
                                    looking,
                                    """
                                    SELECT SUM(seq_tup_read) FROM pg_stat_user_tables
                                    WHERE relname IN ('muster_message', 'muster_result')
                                    """))
                    .isZero();
            assertThat(indexEntriesRead(looking)).isBetween(count, 25 * count);
        }
    }

    /// The order of their ids is also that of the key of the table, in which the messages of all
    /// queues stand.
    @Test
    void messagesOfOtherQueuesAreNotRead() throws Exception {
        var others = 4_000;
        var other = Queue.named("other");
        try (var raw = DriverManager.getConnection(jdbcUrl());
                var looking = raw.createStatement()) {
            try (var broker = Databases.broker(url());
                    var consumer = broker.consume(List.of(QUEUE), 0)) {
                broker.declare(QUEUE);
                broker.declare(other);
                takeInPortions(broker, consumer); // until the server keeps the plans
                looking.execute("VACUUM ANALYZE muster_message");
                takeInPortions(broker, consumer);
                publish(broker, other, "other", others);
                looking.execute("SELECT pg_stat_reset()");
                takeInPortions(broker, consumer);
            }

            awaitStatistics(looking);
            assertThat(indexEntriesRead(looking)).isBetween(100, others);
        }
    }

    private static void takeInPortions(Broker broker, Consumer consumer) {
        publish(broker, "m", 100);
        for (var left = 100; left > 0; ) {
            var taken = consumer.take(5, PATIENCE);
            taken.forEach(Delivery::ack);
            left -= taken.size();
        }
    }

    @Test
    void whatIsDueOrExpiresLaterIsNotRead() throws Exception {
        try (var raw = DriverManager.getConnection(jdbcUrl());
                var looking = raw.createStatement()) {
            try (var broker = Databases.broker(url());
                    var store = Databases.store(url(), Duration.ofDays(1))) {
                broker.declare(QUEUE);
                looking.execute(
                        """
                        INSERT INTO muster_message
                          (queue, priority, due_at, exchange, routing_key, headers, properties, body)
                        SELECT 'tasks', 0, CASE number WHEN 1 THEN 1 ELSE 1e15 END, '', 'tasks', '{}', '{}', ''
                        FROM generate_series(1, 5000) AS number
                        """);
                looking.execute(
                        """
                        INSERT INTO muster_result (task_id, state, expires_at, record)
                        SELECT number, 'SUCCESS', CASE number WHEN 1 THEN 1 ELSE 1e15 END, ''
                        FROM generate_series(1, 5000) AS number
                        """);
                looking.execute("SELECT pg_stat_reset()");
                try (var consumer = broker.consume(List.of(QUEUE), 0)) {
                    consumer.take(1, PATIENCE).getFirst().ack();
                }
                store.cleanUp();
            }

            awaitStatistics(looking);
            assertThat(count(looking, "SELECT COUNT(*) FROM muster_message")).isEqualTo(4999);
            assertThat(count(looking, "SELECT COUNT(*) FROM muster_result")).isEqualTo(4999);
            assertThat(indexEntriesRead(looking)).isBetween(1, 1000);
        }
    }

    /// A process of the server tells what it has read when it ends, at the latest.
    private static void awaitStatistics(Statement statement) {
        awaitThat(() ->
                count(
                                statement,
                                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()")
                        == 1);
    }

    private static int indexEntriesRead(Statement statement) throws SQLException {
        return count(
                statement,
                """
                SELECT SUM(idx_tup_read) FROM pg_stat_user_indexes
                WHERE relname IN ('muster_message', 'muster_result')
                """);
    }

    /// Takes so many, a portion at a time, and stores and awaits a result for each portion.
    private static void work(Consumer consumer, ResultStore store, int count) throws Exception {
        for (var left = count; left > 0; ) {
            var taken = consumer.take(20, PATIENCE);
            taken.forEach(Delivery::ackSoon);
            left -= taken.size();
            var id = body(taken.getFirst());
            var waiting = store.await(id);
            store.store(result(id, State.SUCCESS), null);
            waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static ResultRecord result(State state) {
        return result("task", state);
    }

    private static ResultRecord result(String id, State state) {
        return new ResultRecord(id, state, null, null, Instant.EPOCH, Map.of());
    }
}
