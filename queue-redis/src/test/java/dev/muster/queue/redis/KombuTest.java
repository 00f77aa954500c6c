package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.Python;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compares what we leave in Redis with what kombu leaves there (Debian's, 5.2.4).
@Timeout(180)
class KombuTest {
    private static final Pattern UUIDS =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private static final Queue DIRECT = Queue.named("celery");
    private static final Queue TOPIC = queue("tq", "topics", Exchange.Type.TOPIC, "a.*.#");
    private static final Queue DASHED = queue("dq", "topics", Exchange.Type.TOPIC, "x.y-z_ö.#");
    private static final Queue FANOUT = queue("fq", "bcast", Exchange.Type.FANOUT, "");

    private static final String DECLARE =
            """
            import os, signal, sys
            from kombu import Connection, Consumer, Exchange, Producer, Queue
            connection = Connection(sys.argv[1], transport_options=eval(sys.argv[2]))
            channel = connection.channel()
            direct = Queue('celery', Exchange('celery'), routing_key='celery')
            topic = Queue('tq', Exchange('topics', 'topic'), routing_key='a.*.#')
            dashed = Queue('dq', Exchange('topics', 'topic'), routing_key='x.y-z_ö.#')
            fanout = Queue('fq', Exchange('bcast', 'fanout'), routing_key='')
            for queue in direct, topic, dashed, fanout:
                queue(channel).declare()
            """;

    private static final String PUBLISH =
            """
            producer = Producer(channel)
            for priority in 0, 3, 5, 9, 99:
                producer.publish(
                    [[1], {}, {}], exchange='', routing_key='celery', serializer='json',
                    headers={'task': 't.é', 'id': 'x', 'none': None, 'items': [1, 2.5, {}]},
                    correlation_id='x', reply_to='r', priority=priority, expiration=3.5)
            producer.publish(b'\\x00\\xff', exchange='topics', routing_key='a.b.c', delivery_mode=1)
            """;

    /// Takes two messages and leaves them unsettled.
    private static final String HOLD =
            """
            held = []
            consumer = Consumer(channel, [direct, topic], accept=['json', 'application/data'],
                                on_message=held.append)
            consumer.consume()
            while len(held) < 2:
                connection.drain_events(timeout=10)
            """;

    private final Redis python = Redis.database();
    private final Redis java = Redis.database();

    private static Queue queue(String name, String exchange, Exchange.Type type, String key) {
        return new Queue(
                name, new Exchange(exchange, type, true), key, Queue.Lifetime.DURABLE, Map.of());
    }

    private static void declare(Broker broker) {
        List.of(DIRECT, TOPIC, DASHED, FANOUT).forEach(broker::declare);
    }

    private static void publish(Broker broker) {
        var headers = new LinkedHashMap<String, @Nullable Object>();
        headers.put("task", "t.é");
        headers.put("id", "x");
        headers.put("none", null);
        headers.put("items", List.of(1, 2.5, Map.of()));
        for (var priority : List.of(0, 3, 5, 9, 99)) {
            var properties = new Message.Properties("x", "r", true, priority, 3500L);
            var message =
                    new Message(
                            "[[1], {}, {}]".getBytes(UTF_8),
                            "application/json",
                            "utf-8",
                            headers,
                            properties);
            broker.publish(List.of(new Publication("", "celery", message)));
        }
        var properties = new Message.Properties(null, null, false, null, null);
        var message =
                new Message(
                        new byte[] {0, (byte) 0xff},
                        "application/data",
                        "binary",
                        Map.of(),
                        properties);
        broker.publish(List.of(new Publication("topics", "a.b.c", message)));
    }

    private void kombu(String program, String options) {
        Python.program(program).withArguments(python.url(), options).run();
    }

    /// Every key of a database with all it holds, ids and times aside.
    private static List<String> content(Redis redis) {
        var lines = new ArrayList<String>();
        for (var key : new TreeSet<>(String.valueOf(redis.command("KEYS", "*")).lines().toList())) {
            var type = String.valueOf(redis.command("TYPE", key));
            var members =
                    switch (type) {
                        case "list" -> redis.command("LRANGE", key, "0", "-1");
                        case "set" -> redis.command("SORT", key, "ALPHA");
                        case "hash" -> redis.command("HVALS", key);
                        case "zset" -> redis.command("ZRANGE", key, "0", "-1");
                        default -> redis.command("GET", key);
                    };
            UUIDS.matcher(String.valueOf(members))
                    .replaceAll("<id>")
                    .lines()
                    .map(member -> "%s %s %s".formatted(type, key, member))
                    .forEach(lines::add);
        }
        // Ours alone, and the lock of a job that may run at any time.
        lines.removeIf(line -> line.contains(" muster.") || line.contains("_mutex "));
        return lines;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pfx-"})
    void leavesTheSameKeysAndBytesAsKombu(String prefix) {
        kombu(DECLARE + PUBLISH, "{'global_keyprefix': '%s'}".formatted(prefix));

        try (var broker = java.broker(Map.of("global_keyprefix", prefix))) {
            declare(broker);
            publish(broker);
        }

        assertThat(content(java)).isEqualTo(content(python)).hasSizeGreaterThan(8);
    }

    @Test
    void holdsMessagesAsKombuDoes() {
        // Ends without closing its connection, so that what it holds stays held.
        kombu(DECLARE + PUBLISH + HOLD + "os._exit(0)\n", "{}");

        try (var broker = java.broker(Map.of())) {
            declare(broker);
            publish(broker);
            try (var consumer = broker.consume(List.of(DIRECT, TOPIC), 2)) {
                Redis.take(consumer, 2);

                assertThat(sorted(content(java))).isEqualTo(sorted(content(python)));
            }
        }
    }

    /// The order of hash values is that of random tags.
    private static List<String> sorted(List<String> content) {
        return content.stream().sorted().toList();
    }

    @Test
    void requeuesAsKombuDoes() {
        kombu(DECLARE + PUBLISH + HOLD + "[m.requeue() for m in held]\nos._exit(0)\n", "{}");

        try (var broker = java.broker(Map.of())) {
            declare(broker);
            publish(broker);
            try (var consumer = broker.consume(List.of(DIRECT, TOPIC), 2)) {
                Redis.take(consumer, 2).forEach(delivery -> delivery.reject(true));

                assertThat(content(java)).isEqualTo(content(python));
            }
        }
    }

    @Test
    void readsWhatKombuPublished() {
        kombu(DECLARE + PUBLISH, "{}");

        try (var broker = python.broker(Map.of());
                var consumer = broker.consume(List.of(DIRECT, TOPIC), 0)) {
            var taken = Redis.take(consumer, 6);

            assertThat(taken)
                    .extracting(d -> d.message().properties().priority())
                    .containsExactly(0, 0, 3, 5, 9, 99);
            assertThat(taken).allMatch(delivery -> delivery.defect().isEmpty());
            var last = taken.getLast().message();
            assertThat(last.headers()).containsEntry("task", "t.é").containsEntry("none", null);
            assertThat(last.properties().expirationMillis()).isEqualTo(3500);
            taken.forEach(Delivery::ack);
        }
    }

    @Test
    void kombuReadsWhatWePublished() {
        try (var broker = python.broker(Map.of())) {
            declare(broker);
            publish(broker);
        }

        var lines =
                Python.program(
                                DECLARE
                                        + HOLD.replace("< 2", "< 6")
                                        + "for m in held:\n"
                                        + "    print(m.properties['priority'], m.headers.get('task'), m.delivery_info['routing_key'], m.body)\n"
                                        + "    m.ack()\n")
                        .withArguments(python.url(), "{}")
                        .run();

        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "0 None a.b.c b'\\x00\\xff'",
                        "0 t.é celery b'[[1], {}, {}]'",
                        "3 t.é celery b'[[1], {}, {}]'",
                        "5 t.é celery b'[[1], {}, {}]'",
                        "9 t.é celery b'[[1], {}, {}]'",
                        "99 t.é celery b'[[1], {}, {}]'");
    }

    @Test
    void bringsBackWhatAKilledKombuConsumerHeld() {
        kombu(
                DECLARE
                        + PUBLISH
                        + "if os.fork() == 0:\n    "
                        + HOLD.strip().replace("\n", "\n    ")
                        + "\n    os.kill(os.getpid(), signal.SIGKILL)\nos.wait()\n",
                "{}");

        try (var broker = python.broker(Map.of("lease", "1s", "visibility_timeout", 1));
                var consumer = broker.consume(List.of(DIRECT, TOPIC), 0)) {
            var taken = Redis.take(consumer, 6);

            assertThat(taken).filteredOn(Delivery::redelivered).hasSize(2);
            taken.forEach(Delivery::ack);
        }
        assertThat(python.command("EXISTS", "unacked", "unacked_index")).isEqualTo("0");
    }

    @Test
    void kombuBringsBackWhatADeadJavaWorkerHeld() {
        var crashed = python.broker(Map.of());
        declare(crashed);
        publish(crashed);
        Redis.take(crashed.consume(List.of(DIRECT, TOPIC), 0), 6);
        crashed.close(); // without closing its consumer

        var lines =
                Python.program(
                                DECLARE
                                        + """
                                        import time
                                        time.sleep(2.1) # the timeout, and up to a second that is rounded up
                                        channel.qos.restore_visible(num=None)
                                        """
                                        + HOLD.replace("< 2", "< 6")
                                        + "for m in held:\n"
                                        + "    print(m.headers['redelivered'])\n"
                                        + "    m.ack()\n")
                        .withArguments(python.url(), "{'visibility_timeout': 1}")
                        .run();

        assertThat(lines).containsExactly("True", "True", "True", "True", "True", "True");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'fanout_prefix': False}",
                "{'fanout_prefix': '/other.'}",
                "{'fanout_patterns': False}",
                "{'global_keyprefix': 'pfx-'}"
            })
    void broadcastsReachBothSides(String options) {
        var ours = new LinkedHashMap<String, Object>();
        if (options.contains(":")) {
            var parts = options.replaceAll("[{}' ]", "").split(":", 2);
            ours.put(parts[0], parts[1]);
        }
        try (var broker = python.broker(ours)) {
            broker.declare(FANOUT);
            try (var consumer = broker.consume(List.of(FANOUT), 0)) {
                var lines =
                        Python.program(
                                        DECLARE
                                                + """
                                                got = []
                                                consumer = Consumer(channel, [fanout], on_message=got.append, no_ack=True)
                                                consumer.consume()
                                                try:
                                                    connection.drain_events(timeout=0.2)
                                                except OSError:
                                                    pass
                                                Producer(channel).publish(
                                                    'hello', exchange='bcast', routing_key='', serializer='json')
                                                while not got:
                                                    connection.drain_events(timeout=10)
                                                print(got[0].payload)
                                                """)
                                .withArguments(python.url(), options)
                                .run();

                assertThat(lines).containsExactly("hello");
                assertThat(Redis.take(consumer, 1).getFirst().exchange()).isEqualTo("bcast");
            }
        }
    }
}
