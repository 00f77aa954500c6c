package dev.muster.queue.redis;

import static dev.muster.queue.redis.Redis.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.RedisServer;
import dev.muster.testkit.ServerTls;
import dev.muster.testkit.TestCertificate;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What waits in Redis takes by itself: these are the messages that nobody has asked for by then.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class WatchTest {
    /// Longer than a test lasts: what is left held stays so.
    private static final Map<String, Object> LONG_LEASE = Map.of("lease", "1h");

    private final Queue queue = Queue.named("work");
    private RedisServer server;
    private String tls;

    enum Way {
        PLAIN,
        ENCRYPTED,
        UNIX_SOCKET
    }

    @BeforeAll
    void start(@TempDir Path place) throws Exception {
        var authority = TestCertificate.make(place, "ca").certificate();
        var signed = TestCertificate.Options.of(place, "server").withIssuer("ca");
        var certificate = signed.withHost("localhost").make();
        tls =
                "ssl_ca_certs=%s&ssl_certfile=%s&ssl_keyfile=%s"
                        .formatted(authority, certificate.certificate(), certificate.key());
        server =
                RedisServer.create(
                        RedisServer.Options.DEFAULT.withTls(new ServerTls(certificate, authority)));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void empty() throws Exception {
        server.command("FLUSHALL");
    }

    private Broker open(Way way) {
        var url =
                switch (way) {
                    case PLAIN -> server.url();
                    case ENCRYPTED -> server.tlsUrl() + "?" + tls;
                    case UNIX_SOCKET -> server.socketUrl();
                };
        return Redis.broker(url, LONG_LEASE);
    }

    @ParameterizedTest
    @EnumSource
    void aMessageThatMeetsTheEndOfAConsumerIsNotLeftHeld(Way way) throws Exception {
        var random = RandomGenerator.of("SplittableRandom");
        try (var broker = open(way);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var round = 0; round < 100; round++) {
                var consumer = broker.consume(List.of(queue), 0);
                var taking = threads.submit(() -> consumer.take(1, PATIENCE));
                LockSupport.parkNanos(random.nextInt(2_000_000));
                var publishing = threads.submit(() -> publish(broker, 0));
                LockSupport.parkNanos(random.nextInt(1_000_000));
                consumer.close();
                taking.get();
                publishing.get();

                assertThat(server.command("HLEN", "unacked")).isEqualTo("0");
                assertThat(broker.purge(queue.name())).isEqualTo(1);
            }
        }
    }

    @Test
    void whatComesWhenNobodyWaitsStaysInItsQueue() {
        try (var broker = open(Way.PLAIN);
                var busy = broker.consume(List.of(queue), 0);
                var idle = broker.consume(List.of(queue), 0)) {
            armWatches(busy);
            publish(broker, 0);
            publish(broker, 9);

            var taken = Redis.take(idle, 2);

            assertThat(taken).noneMatch(Delivery::redelivered);
        }
    }

    @Test
    void whatComesWhenNobodyWaitsIsTakenByTheNext() {
        try (var broker = open(Way.PLAIN);
                var consumer = broker.consume(List.of(queue), 0)) {
            armWatches(consumer);
            publish(broker, 0);

            assertThat(Redis.take(consumer, 1)).noneMatch(Delivery::redelivered);
        }
    }

    /// Each priority has a list, and each list a watch.
    @Test
    void noMoreIsKeptThanThePrefetchAllows() throws Exception {
        try (var broker = open(Way.PLAIN);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var round = 0; round < 10; round++) {
                try (var first = broker.consume(List.of(queue), 1)) {
                    var taking = threads.submit(() -> Redis.take(first, 1));
                    await(() -> isArmed(4));
                    publish(broker, 0, 3, 6, 9);

                    assertThat(taking.get()).hasSize(1);
                    await(() -> isHeld(1) && broker.length(queue.name()) == 3);
                }
                assertThat(broker.purge(queue.name())).isEqualTo(4);
            }
        }
    }

    private static void armWatches(Consumer consumer) {
        assertThat(consumer.take(1, Duration.ofMillis(1))).isEmpty();
    }

    /// Whether so many connections wait for lists.
    private boolean isArmed(int lists) throws Exception {
        var info = String.valueOf(server.command("INFO", "clients"));
        return info.contains("blocked_clients:" + lists);
    }

    private void publish(Broker broker, int... priorities) {
        broker.publish(
                IntStream.of(priorities)
                        .mapToObj(priority -> new Publication("", queue.name(), message(priority)))
                        .toList());
    }

    private static Message message(int priority) {
        return new Message(
                "x".getBytes(StandardCharsets.UTF_8),
                "text/plain",
                "utf-8",
                Map.of(),
                new Message.Properties(null, null, true, priority, null));
    }

    private boolean isHeld(int count) throws Exception {
        return String.valueOf(count).equals(server.command("HLEN", "unacked"));
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(PATIENCE).until(condition);
    }
}
