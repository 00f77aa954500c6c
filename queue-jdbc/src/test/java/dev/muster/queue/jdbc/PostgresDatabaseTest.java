package dev.muster.queue.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.State;
import dev.muster.testkit.PostgresServer;
import dev.muster.testkit.Servers;
import dev.muster.testkit.TcpProxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
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
    void aServerThatIsNotThereIsTransient() {
        try (var broker = Databases.broker("postgresql://u:secret@127.0.0.1:1/db")) {
            assertThatThrownBy(() -> broker.declare(QUEUE))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue())
                    .hasMessageNotContaining("secret");
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
}
