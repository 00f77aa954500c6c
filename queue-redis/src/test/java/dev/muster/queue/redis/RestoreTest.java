package dev.muster.queue.redis;

import static dev.muster.queue.redis.Redis.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.LeaseRounds;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.FakeClock;
import dev.muster.testkit.Servers;
import dev.muster.testkit.TcpProxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class RestoreTest {
    private static final Map<String, Object> SHORT_LEASE = Map.of("lease", "300ms");

    private final Redis redis = Redis.database();
    private final Queue queue = Queue.named("work");
    private final List<Session> sessions = new ArrayList<>();

    @AfterEach
    void closeSessions() {
        sessions.forEach(Session::close);
    }

    @Test
    void bringsBackWhatAKilledWorkerHeld() throws Exception {
        try (var broker = redis.broker(Map.of("lease", "1s"))) {
            publish(broker, 20);
            var worker = Redis.java(HoldingWorker.class, redis.url(), queue.name(), "20", "0");
            try {
                assertThat(worker.inputReader().readLine()).isEqualTo("holding");
                assertThat(broker.length(queue.name())).isZero();
            } finally {
                worker.destroyForcibly();
            }

            try (var consumer = broker.consume(List.of(queue), 0)) {
                var again = Redis.take(consumer, 20);

                assertThat(bodies(again)).hasSize(20);
                assertThat(again).allMatch(Delivery::redelivered);
                again.forEach(Delivery::ack);
            }
        }
        assertNothingIsHeld();
    }

    @Test
    void tasksThatKeepAllCarriersBusyDoNotCostTheLeases() throws Exception {
        try (var broker = redis.broker(Map.of())) {
            publish(broker, 1);
        }
        var carriers = String.valueOf(Runtime.getRuntime().availableProcessors());
        var worker = Redis.java(HoldingWorker.class, redis.url(), queue.name(), "1", carriers);
        try {
            assertThat(worker.inputReader().readLine()).isEqualTo("holding");
            var tag = String.valueOf(redis.command("HKEYS", "unacked"));

            awaitRenewals(tag, 5);
        } finally {
            worker.destroyForcibly();
        }
    }

    /// Acknowledgements have a connection of their own, which waits for answers that do not come.
    @Test
    void connectionsThatHangDoNotCostTheLeases() {
        var options = Map.<String, Object>of("lease", "1s", "socket_timeout", "10m");
        try (var network = TcpProxy.before(Servers.redis());
                var broker = Redis.broker(network.url(redis.url()), options);
                var consumer = broker.consume(List.of(queue), 0)) {
            publish(broker, 3);
            var held = Redis.take(consumer, 3);
            held.get(0).ack();
            awaitRenewals(tag(held.get(2)), 1);

            network.lose(EnumSet.allOf(TcpProxy.Direction.class));
            held.get(1).ackSoon();

            try {
                awaitRenewals(tag(held.get(2)), 10);
            } finally {
                network.cut();
            }
        }
    }

    /// What stands still is the server, say, and comes back for one of them a little earlier.
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whoStoodStillLeavesTheOthersTimeToRenew(int holdsItself) {
        var lease = Map.<String, Object>of("lease", "6s");
        try (var toFirst = TcpProxy.before(Servers.redis());
                var toSecond = TcpProxy.before(Servers.redis());
                var first = Redis.broker(toFirst.url(redis.url()), lease);
                var second = Redis.broker(toSecond.url(redis.url()), lease);
                var consumer = first.consume(List.of(queue), 0);
                var another = second.consume(List.of(queue), 0)) {
            publish(first, 1 + holdsItself);
            var held = tag(Redis.take(another, 1).getFirst());
            var own =
                    holdsItself == 0
                            ? List.<String>of()
                            : List.of(tag(Redis.take(consumer, 1).getFirst()));
            awaitRestoreRuns(2);

            toFirst.pause();
            toSecond.pause();
            Awaitility.await().atMost(PATIENCE).until(() -> leaseAge(held).toSeconds() > 6);
            var lapsed = lease(held);
            var lapsedToo = own.stream().map(this::lease).toList();
            redis.command("DEL", "unacked_mutex"); // the second may have it
            var unlocks = calls("get");
            toFirst.resume();
            // So ends the run in which it would have brought back what has lapsed.
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> calls("get") > unlocks);
            for (var index = 0; index < own.size(); index++) {
                awaitChange(own.get(index), lapsedToo.get(index));
            }
            toFirst.pause(); // later it need not wait any more
            toSecond.resume();
            awaitChange(held, lapsed);

            assertThat(redis.command("HLEN", "unacked")).isEqualTo("" + (1 + holdsItself));
            toFirst.resume();
        }
    }

    @Test
    void bringingBackManyDoesNotCostTheOwnLeases() {
        try (var slow = TcpProxy.before(Servers.redis());
                var broker = Redis.broker(slow.url(redis.url()), Map.of("lease", "1s"));
                var consumer = broker.consume(List.of(queue), 0)) {
            publish(broker, 1);
            var held = tag(Redis.take(consumer, 1).getFirst());
            slow.delay(Duration.ofMillis(10));
            var now = Instant.now();
            var old = now.minusSeconds(60).toEpochMilli();
            var entries = new ArrayList<Command>();
            for (var number = 0; number < 200; number++) {
                var tag = "tag-" + number;
                entries.add(Command.of("HSET", "unacked", tag, held(tag)));
                entries.add(Command.of("ZADD", "unacked_index", Housekeeper.seconds(now), tag));
                entries.add(Command.of("ZADD", "muster.leases", old, tag));
            }
            try (var connection = redis.connection()) {
                connection.pipeline(entries);
            }

            // It takes two answers for each, and so eight seconds for all.
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> !"0".equals(redis.command("LLEN", queue.name())));
            awaitRenewals(held, 3);

            assertThat(redis.command("LLEN", queue.name())).isNotEqualTo("200");
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> "200".equals(redis.command("LLEN", queue.name())));
            assertThat(redis.command("HKEYS", "unacked")).isEqualTo(held);
        }
    }

    @Test
    void aDeliveryMayTakeLongerThanItsLease() {
        try (var broker = redis.broker(SHORT_LEASE);
                var other = redis.broker(SHORT_LEASE)) {
            publish(broker, 5);
            try (var working = broker.consume(List.of(queue), 0);
                    var idle = other.consume(List.of(queue), 0)) {
                var held = Redis.take(working, 5);

                // They come every 100 ms: more than three times over.
                awaitRenewals(tag(held.getFirst()), 10);

                assertThat(idle.take(1, Duration.ZERO)).isEmpty();
                held.forEach(Delivery::ack);
            }
            assertThat(broker.length(queue.name())).isZero();
        }
        assertNothingIsHeld();
    }

    @Test
    void leavesWhatAPythonWorkerHoldsUntilTheVisibilityTimeout() {
        var clock = new FakeClock(Instant.now());
        holdAsPython("tag", clock.instant());
        try (var broker = broker(clock);
                var consumer = broker.consume(List.of(queue), 0)) {
            awaitRestoreRuns(3);
            assertThat(consumer.take(1, Duration.ZERO)).isEmpty();
            clock.advance(Duration.ofSeconds(3599));
            awaitRestoreRuns(3);
            assertThat(consumer.take(1, Duration.ZERO)).isEmpty();

            clock.advance(Duration.ofSeconds(2));

            var again = Redis.take(consumer, 1).getFirst();
            assertThat(Redis.body(again)).isEqualTo("x");
            assertThat(again.redelivered()).isTrue();
        }
    }

    /// Small sorted sets are fast with whole numbers; the visibility timeout must not end earlier.
    @Test
    void aPlaceInTheIndexIsAWholeSecondAndNotEarlierThanTheMessageWasTaken() {
        var clock = new FakeClock(Instant.ofEpochSecond(1_900_000_000, 1));
        try (var broker = broker(clock);
                var consumer = broker.consume(List.of(queue), 0)) {
            publish(broker, 1);
            var tag = tag(Redis.take(consumer, 1).getFirst());

            assertThat(redis.command("ZSCORE", "unacked_index", tag)).isEqualTo("1900000001");
        }
    }

    /// A Python worker restored what a dead Java worker held, and took it under the same tag.
    @Test
    void aStaleLeaseOnWhatPythonHoldsNowIsDropped() {
        var clock = new FakeClock(Instant.now());
        holdAsPython("tag", clock.instant());
        redis.command(
                "ZADD",
                "muster.leases",
                String.valueOf(clock.instant().minus(Duration.ofHours(2)).toEpochMilli()),
                "tag");
        try (var broker = broker(clock);
                var consumer = broker.consume(List.of(queue), 0)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> "0".equals(redis.command("EXISTS", "muster.leases")));
            awaitRestoreRuns(2);

            assertThat(consumer.take(1, Duration.ZERO)).isEmpty();
            assertThat(redis.command("HEXISTS", "unacked", "tag")).isEqualTo("1");
        }
    }

    @Test
    void waitsWhileAnotherHasTheMutex() {
        var clock = new FakeClock(Instant.now());
        holdAsPython("tag", clock.instant().minus(Duration.ofHours(2)));
        redis.command("SET", "unacked_mutex", "somebody else");
        try (var broker = broker(clock);
                var consumer = broker.consume(List.of(queue), 0)) {
            assertThat(consumer.take(1, Duration.ofSeconds(1))).isEmpty();
            assertThat(redis.command("GET", "unacked_mutex")).isEqualTo("somebody else");

            redis.command("DEL", "unacked_mutex");

            assertThat(Redis.take(consumer, 1)).hasSize(1);
        }
    }

    @Test
    void manyRestorersRestoreOnce() throws Exception {
        var clock = new FakeClock(Instant.now());
        for (var number = 0; number < 500; number++) {
            holdAsPython("tag-" + number, clock.instant().minus(Duration.ofHours(2)));
        }
        var brokers = IntStream.range(0, 4).mapToObj(_ -> broker(clock)).toList();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var broker : brokers) {
                var restorer = restorer(broker, clock, Set.of());
                var _ =
                        threads.submit(() -> {
                            var rounds = new LeaseRounds(Duration.ofMillis(300));
                            while (Long.parseLong(
                                            String.valueOf(redis.command("LLEN", queue.name())))
                                    < 500) {
                                redis.command(
                                        "DEL", "unacked_mutex"); // as if it had expired meanwhile
                                rounds.begin();
                                restorer.run(rounds);
                                rounds.end();
                            }
                        });
            }
        }

        assertThat(redis.command("LLEN", queue.name())).isEqualTo("500");
        assertNothingIsHeld();
        brokers.forEach(Broker::close);
    }

    /// As when the server stands still for longer than a lease at a time.
    @Test
    void leavesWhatItsOwnProcessHoldsHoweverLateItRenews() {
        var clock = new FakeClock(Instant.now());
        holdAsPython("own", clock.instant().minus(Duration.ofHours(2)));
        holdAsPython("another's", clock.instant().minus(Duration.ofHours(2)));
        try (var broker = broker(clock)) {
            runUntilOneIsBack(restorer(broker, clock, Set.of("own")));
            assertThat(redis.command("HKEYS", "unacked")).isEqualTo("own");
        }
    }

    /// A sender may name anything as its queue, such as a key that is no list.
    @Test
    void whatCannotBePutBackKeepsNothingElseFromReturning() {
        var clock = new FakeClock(Instant.now());
        holdAsPython("good", clock.instant().minus(Duration.ofHours(2)));
        var poison = held("poison").replace("\"work\"]", "\"unacked_index\"]");
        redis.command("HSET", "unacked", "poison", poison);
        redis.command("ZADD", "unacked_index", before(clock, Duration.ofHours(3)), "poison");
        try (var broker = broker(clock)) {
            runUntilOneIsBack(restorer(broker, clock, Set.of()));
        }
        assertThat(redis.command("HGET", "unacked", "poison")).isEqualTo(poison);
        assertThat(redis.command("ZSCORE", "unacked_index", "poison")).isNotNull();
    }

    @Test
    void keepsThePriorityAndUnknownFields() {
        var properties = new Message.Properties("id", "reply", true, 7, null);
        var message =
                new Message(new byte[] {1}, "a/b", "binary", Map.of("größe", 1.5), properties);
        var crashed = redis.broker(SHORT_LEASE);
        crashed.publish(List.of(new Publication("", queue.name(), message)));
        var before = String.valueOf(redis.command("LINDEX", queue.name() + "\u0006\u00166", "0"));
        Redis.take(crashed.consume(List.of(queue), 0), 1);
        crashed.close(); // without closing its consumer: nobody refreshes the lease

        try (var broker = redis.broker(SHORT_LEASE);
                var _ = broker.consume(List.of(Queue.named("another")), 0)) {
            Awaitility.await().atMost(PATIENCE).until(() -> broker.length(queue.name()) == 1);
        }

        assertThat(redis.command("LINDEX", queue.name() + "\u0006\u00166", "0"))
                .isEqualTo(
                        before.replace(
                                        "\"gr\\u00f6\\u00dfe\": 1.5",
                                        "\"gr\\u00f6\\u00dfe\": 1.5, \"redelivered\": true")
                                .replace(
                                        "\"routing_key\": \"work\"",
                                        "\"routing_key\": \"work\", \"redelivered\": true"));
    }

    /// Whoever read it all would need several times its memory, and would mark the headers, too.
    @Test
    void whatIsLargeComesBackMarkedAtItsEndAlone() throws Exception {
        var large = Queue.named("größe \"work\"");
        var list = large.name() + "\u0006\u00166";
        var message =
                new Message(
                        "m".repeat(7 << 20).getBytes(StandardCharsets.US_ASCII),
                        "text/plain",
                        "utf-8",
                        Map.of(),
                        new Message.Properties("id", "reply", true, 7, null));
        var crashed = redis.broker(SHORT_LEASE);
        crashed.publish(List.of(new Publication("", large.name(), message)));
        var before = String.valueOf(redis.command("LINDEX", list, "0"));
        Redis.take(crashed.consume(List.of(large), 0), 1);
        crashed.close(); // without closing its consumer: nobody refreshes the lease

        try (var broker = redis.broker(SHORT_LEASE);
                var _ = broker.consume(List.of(Queue.named("another")), 0)) {
            Awaitility.await().atMost(PATIENCE).until(() -> broker.length(large.name()) == 1);
        }

        assertThat(redis.command("LINDEX", list, "0"))
                .isEqualTo(before.replace("work\\\"\"}", "work\\\"\", \"redelivered\": true}"));
        assertNothingIsHeld();
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(large), 0)) {
            var again = Redis.take(consumer, 1).getFirst();
            assertThat(again.redelivered()).isTrue();
            assertThat(again.message().body()).isEqualTo(message.body());
            again.ack();
        }
    }

    @Test
    void clearsUpOrphans() {
        var clock = new FakeClock(Instant.now());
        redis.command("ZADD", "unacked_index", before(clock, Duration.ofHours(2)), "only in index");
        redis.command("ZADD", "muster.leases", "1", "only a lease");
        redis.command("HSET", "unacked", "only held", held("only held"));
        try (var broker = broker(clock);
                var consumer = broker.consume(List.of(queue), 0)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(redis.command("EXISTS", "muster.leases")).isEqualTo("0");
                        assertThat(redis.command("ZRANGE", "unacked_index", "0", "-1"))
                                .isEqualTo("only held");
                    });

            clock.advance(Duration.ofHours(2));

            assertThat(Redis.take(consumer, 1)).hasSize(1);
        }
        // The consumer was closed with an unsettled delivery.
        assertThat(redis.command("LLEN", queue.name())).isEqualTo("1");
        assertNothingIsHeld();
    }

    @Test
    void settlingWorksOverANewConnection() {
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 0)) {
            publish(broker, 1);
            var delivery = Redis.take(consumer, 1).getFirst();
            redis.command("CLIENT", "KILL", "TYPE", "normal");

            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> {
                        delivery.ack();
                        return true;
                    });

            // What the broken connection swallowed is sent again by the next look after leases.
            Awaitility.await().atMost(PATIENCE).untilAsserted(this::assertNothingIsHeld);
        }
        assertThat(redis.command("LLEN", queue.name())).isEqualTo("0");
    }

    private void publish(Broker broker, int count) {
        broker.publish(
                IntStream.range(0, count).mapToObj(n -> Redis.to(queue.name(), "m" + n)).toList());
    }

    private static Set<String> bodies(List<Delivery> deliveries) {
        return new TreeSet<>(deliveries.stream().map(Redis::body).toList());
    }

    private Broker broker(FakeClock clock) {
        var settings = Settings.DEFAULT.with("broker_transport_options", SHORT_LEASE);
        var environment = new Environment(settings, clock, RandomGenerator.getDefault());
        return Redis.broker(redis.url(), environment);
    }

    private Restorer restorer(Broker broker, FakeClock clock, Set<String> own) {
        var inner = (RedisBroker) broker;
        var session = new Session(Redis.servers(ServiceUrl.parse(redis.url())), Failures.BROKER);
        sessions.add(session);
        return new Restorer(session, inner.keys(), inner.routes(), clock, () -> own);
    }

    private void runUntilOneIsBack(Restorer restorer) {
        var rounds = new LeaseRounds(Duration.ofMillis(300));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> {
                    rounds.begin();
                    restorer.run(rounds);
                    rounds.end();
                    return "1".equals(redis.command("LLEN", queue.name()));
                });
    }

    private void holdAsPython(String tag, Instant since) {
        redis.command("HSET", "unacked", tag, held(tag));
        redis.command("ZADD", "unacked_index", Housekeeper.seconds(since), tag);
    }

    private String held(String tag) {
        return """
        [{"body": "eA==", "content-encoding": "utf-8", "content-type": "text/plain", "headers": {}, \
        "properties": {"delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "work"}, \
        "priority": 0, "body_encoding": "base64", "delivery_tag": "%s"}}, "", "work"]\
        """
                .formatted(tag);
    }

    private static String tag(Delivery delivery) {
        return ((RedisDelivery) delivery).tag();
    }

    private void awaitRenewals(String tag, int count) {
        for (var renewal = 0; renewal < count; renewal++) {
            awaitChange(tag, lease(tag));
        }
    }

    private void awaitChange(String tag, String lease) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !lease.equals(lease(tag)));
    }

    private String lease(String tag) {
        return Objects.requireNonNull(
                redis.command("ZSCORE", "muster.leases", tag), "no lease on " + tag);
    }

    private Duration leaseAge(String tag) {
        var now = String.valueOf(redis.command("TIME")).replaceFirst("\n.*", "");
        return Duration.between(
                Instant.ofEpochMilli(Long.parseLong(lease(tag))),
                Instant.ofEpochSecond(Long.parseLong(now)));
    }

    private static String before(FakeClock clock, Duration duration) {
        return Housekeeper.seconds(clock.instant().minus(duration));
    }

    /// Each run takes the mutex, which shows in the statistics of `SET`.
    private void awaitRestoreRuns(int count) {
        var start = calls("set");
        Awaitility.await().atMost(PATIENCE).until(() -> calls("set") >= start + count);
    }

    private long calls(String command) {
        var lines = String.valueOf(redis.command("INFO", "commandstats")).lines();
        var start = "cmdstat_%s:calls=".formatted(command);
        return lines.filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()).replaceAll(",.*", ""))
                .mapToLong(Long::parseLong)
                .sum();
    }

    private void assertNothingIsHeld() {
        assertThat(redis.command("EXISTS", "unacked", "unacked_index", "muster.leases"))
                .isEqualTo("0");
    }
}
