package dev.muster.queue.redis;

import static dev.muster.queue.redis.Redis.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import dev.muster.testkit.RedisServer;
import dev.muster.testkit.Servers;
import dev.muster.testkit.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ConnectionTest {
    private static final Map<String, Object> SHORT_LEASE = Map.of("lease", "500ms");

    private final Redis redis = Redis.database();
    private final Queue queue = Queue.named("work");

    @Test
    void aCutWhileIdleEndsTheConsumerAndANewOneGoesOn() throws Exception {
        try (var proxy = TcpProxy.before(Servers.redis());
                var broker = Redis.broker(proxy.url(redis.url()), SHORT_LEASE);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var consumer = broker.consume(List.of(queue), 0);
            var taken = threads.submit(() -> consumer.take(1, PATIENCE));
            // One connection to take, one to look after leases, one for each of the four lists.
            Awaitility.await().atMost(PATIENCE).until(() -> proxy.connections() >= 6);

            proxy.cut();

            assertThatThrownBy(() -> taken.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue());
            consumer.close();
            retry(() -> broker.publish(List.of(Redis.to(queue.name(), "after"))));
            try (var next = consume(broker)) {
                assertThat(Redis.body(Redis.take(next, 1).getFirst())).isEqualTo("after");
            }
        }
    }

    @Test
    void aHangingServerIsNoticed() throws Exception {
        try (var proxy = TcpProxy.before(Servers.redis());
                var broker =
                        Redis.broker(proxy.url(redis.url()), Map.of("socket_timeout", "500ms"));
                var consumer = broker.consume(List.of(queue), 0)) {
            assertThat(consumer.take(1, Duration.ZERO)).isEmpty();
            proxy.pause();

            assertThatThrownBy(() -> consumer.take(1, PATIENCE))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue());
            assertThatThrownBy(() -> broker.publish(List.of(Redis.to(queue.name(), "x"))))
                    .isInstanceOf(BrokerException.class);
            proxy.resume();
        }
    }

    @Test
    void aResultStoreThatHangsIsNoticedAfterTheTimeThatTheSettingsSay() throws Exception {
        var settings = Settings.DEFAULT.with("redis_socket_timeout", "500ms");
        try (var proxy = TcpProxy.before(Servers.redis());
                var store = Redis.store(proxy.url(redis.url()), settings)) {
            assertThat(store.fetch("none")).isEmpty();
            proxy.pause();

            assertThatThrownBy(() -> store.fetch("none")).isInstanceOf(ResultStoreException.class);
            proxy.resume();
        }
    }

    /// Publishers and consumers go on through many cuts. What was accepted arrives at least once.
    @Test
    void nothingAcceptedIsLostThroughManyCuts() throws Exception {
        var accepted = new HashSet<String>();
        var seen = new HashSet<String>();
        var done = new AtomicBoolean();
        try (var proxy = TcpProxy.before(Servers.redis());
                var publisher = Redis.broker(proxy.url(redis.url()), SHORT_LEASE);
                var reader = Redis.broker(proxy.url(redis.url()), SHORT_LEASE);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var publishing =
                    threads.submit(() -> {
                        for (var number = 0; number < 2_000; number++) {
                            var name = "m" + number;
                            retry(() -> publisher.publish(List.of(Redis.to(queue.name(), name))));
                            accepted.add(name);
                            if (number % 200 == 100) {
                                proxy.cut();
                            }
                        }
                        done.set(true);
                        return null;
                    });
            while (!done.get() || seen.size() < accepted.size()) {
                readUntilItBreaks(reader, seen, done, accepted);
            }
            publishing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(seen).containsAll(accepted).hasSize(2_000);
    }

    private void readUntilItBreaks(
            Broker reader, Set<String> seen, AtomicBoolean done, Set<String> accepted) {
        Consumer consumer;
        try {
            consumer = reader.consume(List.of(queue), 20);
        } catch (BrokerException e) {
            return;
        }
        try (consumer) {
            while (!done.get() || seen.size() < accepted.size()) {
                for (var delivery : consumer.take(10, Duration.ofMillis(200))) {
                    seen.add(Redis.body(delivery));
                    delivery.ack();
                }
            }
        } catch (BrokerException e) {
            assertThat(e.isTransient()).isTrue();
        }
    }

    /// What is written into a connection that breaks before it arrives has not been acknowledged.
    @Test
    void anAcknowledgementThatACutSwallowedIsSentAgain() throws Exception {
        try (var proxy = TcpProxy.before(Servers.redis());
                var broker = Redis.broker(proxy.url(redis.url()), SHORT_LEASE);
                var consumer = broker.consume(List.of(queue), 0)) {
            broker.declare(queue);
            broker.publish(
                    List.of(Redis.to(queue.name(), "first"), Redis.to(queue.name(), "second")));
            var taken = Redis.take(consumer, 2);
            taken.getFirst().ack();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> "1".equals(redis.command("HLEN", "unacked")));

            proxy.delay(Duration.ofSeconds(2));
            taken.getLast().ack();
            proxy.cut();
            proxy.delay(Duration.ZERO);

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> "0".equals(redis.command("HLEN", "unacked")));
            assertThat(redis.command("LLEN", queue.name())).isEqualTo("0");
        }
    }

    /// A replica refuses to write, as does a server whose disk is full.
    @Test
    void anAcknowledgementThatRedisRefusedIsSentAgain() {
        try (var server = RedisServer.create();
                var control = Redis.servers(ServiceUrl.parse(server.url())).connect();
                var broker = Redis.broker(server.url(), Map.of("lease", "1h"));
                var consumer = broker.consume(List.of(queue), 0)) {
            broker.declare(queue);
            for (var number = 0; number < 3; number++) {
                broker.publish(List.of(Redis.to(queue.name(), "m" + number)));
            }
            var taken = Redis.take(consumer, 3);
            taken.get(0).ack();
            control.call(Command.of("REPLICAOF", "127.0.0.1", "1"));

            taken.get(1).ack();
            // Its answers are read before those of the next round trip.
            assertThatThrownBy(() -> taken.get(2).reject(true))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue());
            for (var attempt = 0; attempt < 3; attempt++) {
                assertThatThrownBy(taken.get(2)::ack).isInstanceOf(BrokerException.class);
            }
            assertThat(control.call(Command.of("HLEN", "unacked"))).isEqualTo(2L);
            control.call(Command.of("REPLICAOF", "NO", "ONE"));
            taken.get(2).reject(true);

            assertThat(control.call(Command.of("HLEN", "unacked"))).isEqualTo(0L);
            assertThat(Redis.take(consumer, 1)).extracting(Redis::body).containsExactly("m2");
        }
    }

    /// Nobody waits for it, and nobody would try again.
    @Test
    void whatRedisCouldNotBeToldIsToldLaterAlsoWhenItsConsumerIsClosed() {
        try (var server = RedisServer.create();
                var control = Redis.servers(ServiceUrl.parse(server.url())).connect();
                var broker = Redis.broker(server.url(), SHORT_LEASE);
                var idle = broker.consume(List.of(Queue.named("idle")), 0)) {
            broker.declare(queue);
            broker.publish(
                    List.of(Redis.to(queue.name(), "first"), Redis.to(queue.name(), "second")));
            var closing = broker.consume(List.of(queue), 0);
            var taken = Redis.take(closing, 2);
            taken.getFirst().ack();
            control.call(Command.of("REPLICAOF", "127.0.0.1", "1"));
            assertThatThrownBy(() -> broker.publish(List.of(Redis.to(queue.name(), "third"))))
                    .isInstanceOf(BrokerException.class);

            taken.getLast().ackSoon();
            closing.close();
            assertThat(control.call(Command.of("HLEN", "unacked"))).isEqualTo(1L);
            control.call(Command.of("REPLICAOF", "NO", "ONE"));

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() ->
                            Long.valueOf(0).equals(control.call(Command.of("HLEN", "unacked"))));
            assertThat(idle.take(1, Duration.ZERO)).isEmpty();
            assertThat(broker.length(queue.name())).isZero();
        }
    }

    @Test
    void closingWaitsForAcknowledgements() {
        try (var broker = redis.broker(SHORT_LEASE)) {
            broker.publish(
                    IntStream.range(0, 1_000)
                            .mapToObj(number -> Redis.to(queue.name(), "m" + number))
                            .toList());
            try (var consumer = broker.consume(List.of(queue), 0)) {
                Redis.take(consumer, 1_000).forEach(Delivery::ack);
            }
        }
        assertThat(redis.command("EXISTS", "unacked", "unacked_index", "muster.leases"))
                .isEqualTo("0");
    }

    @Test
    void aRestartOfTheServerLosesNothingAccepted() throws Exception {
        try (var server = RedisServer.create();
                var broker = Redis.broker(server.url(), SHORT_LEASE)) {
            for (var number = 0; number < 100; number++) {
                broker.publish(List.of(Redis.to(queue.name(), "m" + number)));
            }
            var consumer = broker.consume(List.of(queue), 0);
            Redis.take(consumer, 30);

            server.kill();
            assertThatThrownBy(() -> consumer.take(1, PATIENCE))
                    .isInstanceOf(BrokerException.class);
            consumer.close();
            server.start();

            var seen = new HashSet<String>();
            try (var next = consume(broker)) {
                for (var delivery : Redis.take(next, 100)) {
                    seen.add(Redis.body(delivery));
                    retry(delivery::ack);
                }
            }
            assertThat(seen).hasSize(100);
            assertThat(broker.length(queue.name())).isZero();
        }
    }

    @Test
    void waitingForAResultSurvivesARestart() throws Exception {
        try (var server = RedisServer.create();
                var worker = Redis.store(server.url(), Settings.DEFAULT);
                var client = Redis.store(server.url(), Settings.DEFAULT)) {
            var before = client.await("stored before the restart is noticed");
            var after = client.await("stored later");
            server.restart();

            retry(() -> worker.store(success("stored before the restart is noticed"), null));
            assertThat(before.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).result()).isEqualTo(1L);
            worker.store(success("stored later"), null);
            assertThat(after.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).result()).isEqualTo(1L);
        }
    }

    private static ResultRecord success(String id) {
        return new ResultRecord(id, State.SUCCESS, 1, null, null, Map.of());
    }

    private Consumer consume(Broker broker) {
        var opened = new AtomicReference<Consumer>();
        retry(() -> opened.set(broker.consume(List.of(queue), 0)));
        return opened.get();
    }

    private static void retry(Runnable action) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptionsMatching(
                        e -> e instanceof BrokerException || e instanceof ResultStoreException)
                .until(() -> {
                    action.run();
                    return true;
                });
    }

    @Test
    void aUnixSocketWorks() {
        var url = Servers.redis().socketUrl() + "?virtual_host=" + redis.number();
        try (var broker = Redis.broker(url, Map.of());
                var consumer = broker.consume(List.of(queue), 0)) {
            var large = "x".repeat(3_000_000);
            broker.publish(List.of(Redis.to(queue.name(), large)));

            assertThat(Redis.body(Redis.take(consumer, 1).getFirst())).isEqualTo(large);
            assertThat(redis.command("HLEN", "unacked")).isEqualTo("1");
        }
    }

    @Test
    void aPasswordIsUsedAndNeverShown() {
        var options = RedisServer.Options.DEFAULT.withPassword("s3cr/t@");
        try (var server = RedisServer.create(options);
                var broker = Redis.broker(server.url(), Map.of());
                var wrong = Redis.broker(server.url().replace("s3cr", "wr0ng"), Map.of());
                var missing = Redis.broker("redis://127.0.0.1:" + server.port(), Map.of())) {
            broker.publish(List.of(Redis.to("q", "x")));
            assertThat(broker.description()).contains(":**@").doesNotContain("s3cr");

            for (var refused : List.of(wrong, missing)) {
                var e = catchThrowableOfType(BrokerException.class, () -> refused.length("q"));
                assertThat(e.isTransient()).isFalse();
                assertThat(e)
                        .hasMessageContainingAll("127.0.0.1", "refused, check user and password");
                assertThat(e.toString()).doesNotContain("wr0ng", "s3cr");
            }
        }
    }

    @Test
    void anUnreachableServerIsNamed() {
        try (var broker = Redis.broker("redis://:secret@127.0.0.1:1/0", Map.of());
                var store = Redis.store("redis://:secret@127.0.0.1:1/0", Settings.DEFAULT)) {
            assertThatThrownBy(() -> broker.publish(List.of(Redis.to("q", "x"))))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue())
                    .hasMessageContainingAll("redis://:**@127.0.0.1:1/0", "Connection refused")
                    .hasMessageNotContaining("secret");
            assertThatThrownBy(() -> store.fetch("id"))
                    .isInstanceOf(ResultStoreException.class)
                    .hasMessageContainingAll("redis://:**@127.0.0.1:1/0", "Connection refused");
        }
    }

    @Test
    void aHostThatNobodyKnowsIsNamed() {
        try (var broker = Redis.broker("redis://nobody.invalid/0", Map.of());
                var store = Redis.store("redis://nobody.invalid/0", Settings.DEFAULT)) {
            assertThatThrownBy(() -> broker.length("q"))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("cannot be reached: unknown host nobody.invalid");
            assertThatThrownBy(() -> store.fetch("id"))
                    .isInstanceOf(ResultStoreException.class)
                    .hasMessageContaining("cannot be reached: unknown host nobody.invalid");
        }
    }

    @Test
    void aServerThatIsNotRedisIsRefused() throws Exception {
        try (var other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var broker = Redis.broker("redis://127.0.0.1:" + other.getLocalPort(), Map.of())) {
            Thread.ofVirtual().name("not-redis").start(() -> answerAsHttp(other));

            assertThatThrownBy(() -> broker.length("q"))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isFalse())
                    .hasMessageContaining("does not speak the protocol of Redis");
        }
    }

    private static void answerAsHttp(ServerSocket server) {
        try (var socket = server.accept()) {
            socket.getOutputStream()
                    .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void theNextServerOfAListIsUsed() {
        try (var broker = Redis.broker("redis://127.0.0.1:1/0;" + redis.url(), Map.of())) {
            broker.publish(List.of(Redis.to(queue.name(), "x")));

            assertThat(redis.command("LLEN", queue.name())).isEqualTo("1");
        }
    }
}
