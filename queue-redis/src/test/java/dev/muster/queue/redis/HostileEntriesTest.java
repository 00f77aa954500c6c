package dev.muster.queue.redis;

import static dev.muster.queue.redis.Redis.PATIENCE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.Python;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileEntriesTest {
    private static final long SEED = 42;

    private final Redis redis = Redis.database();

    /// A list element that no peer of good will writes.
    private static byte[] hostile(Random random, int number) {
        var good =
                "{\"body\": \"eA==\", \"content-type\": \"text/plain\", \"content-encoding\": \"utf-8\","
                        + " \"headers\": {}, \"properties\": {\"body_encoding\": \"base64\","
                        + " \"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"q\"},"
                        + " \"delivery_tag\": \"t"
                        + number
                        + "\"}}";
        var text =
                switch (number % 22) {
                    case 0 -> "";
                    case 1 -> "not JSON";
                    case 2 -> "null";
                    case 3 -> "[]";
                    case 4 -> "17";
                    case 5 -> "\"text\"";
                    case 6 -> good.substring(0, 1 + random.nextInt(good.length() - 1));
                    case 7 -> "[".repeat(50_000);
                    case 8 -> "{\"a\":".repeat(2_000) + "1" + "}".repeat(2_000);
                    case 9 -> good.replace("\"headers\": {}", "\"headers\": " + nested(700));
                    case 10 -> good.replace("eA==", "e\0A=");
                    case 11 -> "{\"body\": \"eA==\", \"headers\": {}}";
                    case 12 -> good.replace("\"properties\": {", "\"properties\": [1], \"x\": {");
                    case 13 -> good.replaceAll(", \"delivery_tag\": \"[^\"]*\"", "");
                    case 14 ->
                            good.replaceAll("\"delivery_tag\": \"[^\"]*\"", "\"delivery_tag\": {}");
                    case 15 ->
                            good.replaceAll(
                                    "\"delivery_tag\": \"[^\"]*\"", "\"delivery_tag\": null");
                    case 16 -> good.replace("\"eA==\"", "{\"no\": \"text\"}");
                    case 17 -> good.replace("\"headers\": {}", "\"headers\": [1, 2]");
                    case 18 -> good.replace("base64", "rot13");
                    case 19 -> good.replace("eA==", "===");
                    case 20 ->
                            good.replace("\"headers\": {}", "\"headers\": {\"x\": 1e99999}") + "}";
                    default -> "";
                };
        if (number % 22 != 21) {
            return text.getBytes(UTF_8);
        }
        var noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        return noise;
    }

    private static String nested(int depth) {
        return "{\"a\": ".repeat(depth) + "1" + "}".repeat(depth);
    }

    @Test
    void allGoodMessagesComeOutFromBetweenHostileOnes() {
        var random = new Random(SEED);
        var queue = Queue.named("hostile");
        try (var broker = redis.broker(Map.of());
                var raw = redis.connection()) {
            for (var number = 0; number < 1_000; number++) {
                raw.call(Command.of("LPUSH", queue.name(), hostile(random, number)));
                if (number % 10 == 0) {
                    broker.publish(List.of(Redis.to(queue.name(), "good " + number)));
                }
            }

            var good = new ArrayList<String>();
            var bad = 0;
            try (var consumer = broker.consume(List.of(queue), 50)) {
                for (var taken = consumer.take(20, Duration.ofMillis(500));
                        !taken.isEmpty();
                        taken = consumer.take(20, Duration.ofMillis(500))) {
                    for (var delivery : taken) {
                        if (delivery.defect().isPresent()) {
                            bad++;
                            delivery.reject(false);
                        } else {
                            good.add(Redis.body(delivery));
                            delivery.ack();
                        }
                    }
                }
            }

            assertThat(good).as("seed %d", SEED).hasSize(100).allMatch(g -> g.startsWith("good "));
            assertThat(bad).isEqualTo(1_000);
        }
        assertThat(redis.command("KEYS", "*")).isIn("", Redis.SIGN_OF_LIFE);
    }

    @Test
    void tellsWhatIsWrongAndKeepsTheBytes() {
        var reasons = new HashMap<String, String>();
        var noise = new byte[256];
        for (var index = 0; index < noise.length; index++) {
            noise[index] = (byte) index;
        }
        var queue = Queue.named("noise");
        try (var broker = redis.broker(Map.of());
                var raw = redis.connection();
                var consumer = broker.consume(List.of(queue), 0)) {
            raw.call(Command.of("LPUSH", queue.name(), noise));
            raw.call(Command.of("LPUSH", queue.name(), "{\"properties\": {}}"));
            raw.call(Command.of("LPUSH", queue.name(), "{}"));

            var taken = Redis.take(consumer, 3);

            assertThat(taken.getFirst().message().body()).isEqualTo(noise);
            taken.forEach(d -> reasons.put(Redis.body(d), d.defect().orElseThrow()));
            assertThat(reasons)
                    .containsEntry("{\"properties\": {}}", "the envelope has no delivery_tag")
                    .containsEntry("{}", "the envelope has no properties")
                    .containsValue("the envelope is not JSON");
        }
    }

    /// Entries that end as a good one does, and that Python's JSON reader refuses.
    private static final List<String> GOOD_ENDS =
            List.of(
                    "garbage, TAIL}",
                    "{\"body\": \"eA==\", \"headers\": {TAIL}",
                    "{\"body\": \"eA==\", \"headers\": {\"properties\": {}, TAIL}",
                    "{\"body\": \"eA==\" \"headers\": {}, TAIL}",
                    "{\"body\": \"a\u0001b\", \"headers\": {}, TAIL}",
                    "{\"body\": \"a\nb\", \"headers\": {}, TAIL}",
                    "{\"body\": \"a\\\\\tb\", \"headers\": {}, TAIL}",
                    "{\"body\": \"eA==\", \"headers\": {\"x\": \"\u00ff\"}, TAIL}",
                    "{\"body\": \"eA==\", \"headers\": {\"x\": \"\u00ed\u00a0\u0080\"}, TAIL}",
                    "{\"body\": \"eA==\", \"headers\": {\"x\": \"\u00c0\u0080\"}, TAIL}");

    private static String tail(int number) {
        return "\"properties\": {\"body_encoding\": \"base64\", \"delivery_info\": {\"exchange\": \"\","
                + " \"routing_key\": \"tails\"}, \"delivery_tag\": \"t%d\"}".formatted(number);
    }

    /// Python has the last word on what it can read.
    @Test
    void whatIsHeldCanBeReadByPythonWhateverStandsBeforeAGoodEnd() throws Exception {
        var queue = Queue.named("tails");
        try (var broker = redis.broker(Map.of());
                var raw = redis.connection();
                var consumer = broker.consume(List.of(queue), 0)) {
            for (var number = 0; number < GOOD_ENDS.size(); number++) {
                var text = GOOD_ENDS.get(number).replace("TAIL", tail(number));
                raw.call(Command.of("LPUSH", queue.name(), text.getBytes(ISO_8859_1)));
            }
            // Odd, and well: a header of that name, white space between the strings, UTF-8.
            var odd =
                    "{\"headers\": {\"properties\": {\"delivery_tag\": \"no\"}, \"delivery_tag\": \"no\","
                            + " \"x\": \"\u00e9\u20ac\ud83d\ude00\", \"half\": \"\\\\\\ud800\"},\n\t\"body\": \"eA==\", "
                            + tail(99)
                            + "\r\n}";
            raw.call(Command.of("LPUSH", queue.name(), odd.getBytes(UTF_8)));

            var taken = Redis.take(consumer, GOOD_ENDS.size() + 1);

            assertThat(taken.getLast().defect()).isEmpty();
            assertThat(taken.getLast().message().headers())
                    .containsEntry("x", "\u00e9\u20ac\ud83d\ude00")
                    .containsEntry("half", "\\\ud800");
            assertThat(redis.command("HEXISTS", "unacked", "t99")).isEqualTo("1");
            for (var number = 0; number < GOOD_ENDS.size(); number++) {
                var text = GOOD_ENDS.get(number).replace("TAIL", tail(number));
                assertThat(taken.get(number).defect()).as(text).isPresent();
                assertThat(new String(taken.get(number).message().body(), ISO_8859_1))
                        .isEqualTo(text);
            }
            var script =
                    """
                    import json, redis, sys
                    held = redis.Redis.from_url(sys.argv[1]).hvals("unacked")
                    for text in held:
                        envelope, exchange, key = json.loads(text.decode())
                        assert envelope["properties"]["delivery_tag"]
                    print(len(held))
                    """;
            assertThat(Python.program(script).withArguments(redis.url()).run())
                    .containsExactly(Integer.toString(GOOD_ENDS.size() + 1));
        }
    }

    /// What is held must be readable for Python peers, whose workers would end otherwise.
    @Test
    void holdsADefectiveEntryAsJsonAndRestoresItAfterACrash() {
        var raw = new byte[] {'{', 0, (byte) 0xff, '"', '\\', '\n'};

        assertRefusedAlsoAfterACrash(
                Queue.named("defects"),
                raw,
                "the envelope is not JSON",
                () ->
                        assertThat(redis.command("HVALS", "unacked"))
                                .startsWith("[{\"body\": \"{\\u0000\\u00ff"));
    }

    /// What begins and ends as kombu writes it is not read before it is held, so garbage between is
    /// found afterwards: whoever took it may die before it has refused it.
    @ParameterizedTest
    @ValueSource(ints = {10, 1_000})
    void garbageBetweenAGoodBeginningAndAGoodEndIsRefusedAlsoAfterACrash(int length) {
        var raw =
                ("{\"body\": \"eA==\", \"headers\": {\"x\": \"\u00ff\n\"}}}, \"properties\": {"
                                + "\"correlation_id\": \"%s\", ".formatted("c".repeat(length))
                                + "\"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"between\"},"
                                + " \"priority\": 0, \"body_encoding\": \"base64\","
                                + " \"delivery_tag\": \"0b6ad16b-2bc4-4ea0-9b57-6c4f4bc0ea09\"}}")
                        .getBytes(ISO_8859_1);

        assertRefusedAlsoAfterACrash(
                Queue.named("between"),
                raw,
                "not JSON: it is not valid UTF-8",
                () ->
                        assertThat(redis.command("HKEYS", "unacked"))
                                .isEqualTo("0b6ad16b-2bc4-4ea0-9b57-6c4f4bc0ea09"));
    }

    /// Python's workers would end when they came to restore it.
    @Test
    void propertiesThatPythonCannotReadAreNotHeldAsTheyAre() {
        var raw =
                "{\"body\": \"eA==\", \"headers\": {}, \"properties\": {\"correlation_id\": \"a\u0001b\", "
                        + "\"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"control\"},"
                        + " \"priority\": 0, \"body_encoding\": \"base64\", \"delivery_tag\": \"tag\"}}";

        assertRefusedAlsoAfterACrash(
                Queue.named("control"),
                raw.getBytes(UTF_8),
                "the envelope has control characters",
                () -> assertThat(redis.command("HVALS", "unacked")).contains("muster_defect"));
    }

    /// What looks like the end of an envelope may belong to something else.
    @Test
    void theTagAndTheAddressAreThoseOfTheProperties() {
        var queue = Queue.named("misleading");
        var end =
                "\"delivery_mode\": 2, \"delivery_info\": {\"exchange\": \"e\", \"routing_key\": \"r\"},"
                        + " \"priority\": 0, \"body_encoding\": \"base64\", \"delivery_tag\": \"other\"}}";
        var misleading =
                List.of(
                        "{\"body\": \"eA==\", \"properties\": {\"delivery_tag\": \"real-1\"}, \"headers\": {\"correlation_id\": \"c\", \"reply_to\": \"r\", "
                                + end,
                        "{\"body\": \"eA==\", \"properties\": {\"delivery_tag\": \"real-2\"}, \"headers\": {\"x\": {\"properties\": {\"correlation_id\": \"c\", \"reply_to\": \"r\", "
                                + end
                                + "}}",
                        "{\"body\": \"eA==\", \"properties\": {\"x\\\"delivery_info\": {\"exchange\": \"e\", \"routing_key\": \"r\"}, \"priority\": 0, \"body_encoding\": \"base64\", \"delivery_tag\": \"real-3\"}}",
                        "{\"body\": \"eA==\", \"headers\": {}, \"properties\": {\"delivery_tag\": \"real-4\", \"x\": \""
                                + "x".repeat(600)
                                + "\"}, \"x\\\"properties\": {\"correlation_id\": \"c\", "
                                + end);
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 0);
                var connection = redis.connection()) {
            misleading.forEach(raw -> connection.call(Command.of("LPUSH", queue.name(), raw)));
            var taken = Redis.take(consumer, 4);

            assertThat(redis.command("HGET", "unacked", "real-3"))
                    .endsWith(", \"\", \"misleading\"]");
            assertThat(redis.command("HEXISTS", "unacked", "real-1")).isEqualTo("1");
            assertThat(redis.command("HEXISTS", "unacked", "real-2")).isEqualTo("1");
            assertThat(redis.command("HEXISTS", "unacked", "real-4")).isEqualTo("1");
            taken.forEach(delivery -> delivery.reject(false));
        }
    }

    private void assertRefusedAlsoAfterACrash(
            Queue queue, byte[] raw, String defect, Runnable whileHeld) {
        Map<String, Object> options = Map.of("lease", "300ms");
        var crashed = redis.broker(options);
        try (var connection = redis.connection()) {
            connection.call(Command.of("LPUSH", queue.name(), raw));
        }
        var taken = Redis.take(crashed.consume(List.of(queue), 0), 1).getFirst();
        assertThat(taken.defect()).contains(defect);
        whileHeld.run();

        crashed.close(); // without closing its consumer: nobody refreshes the lease

        try (var broker = redis.broker(options);
                var consumer = broker.consume(List.of(queue), 0)) {
            var again = Redis.take(consumer, 1).getFirst();
            assertThat(again.defect()).contains(defect);
            assertThat(again.message().body()).isEqualTo(raw);
            again.reject(false);
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(redis.command("KEYS", "*")).isEmpty());
    }

    @Test
    void manyLargeMessagesComeInTheirOrderAndNotAllAtOnce() {
        var queue = Queue.named("large");
        try (var broker = redis.broker(Map.of());
                var consumer = broker.consume(List.of(queue), 0)) {
            var bodies = new ArrayList<String>();
            for (var number = 0; number < 7; number++) {
                // In base64 two of the large ones are more than an answer has at the most.
                var body = number + (number == 0 || number == 5 ? "" : "x".repeat(7_000_000));
                bodies.add(body);
                broker.publish(List.of(Redis.to(queue.name(), body)));
            }

            var first = consumer.take(100, PATIENCE);
            assertThat(first).extracting(Redis::body).isEqualTo(bodies.subList(0, 3));
            assertThat(broker.length(queue.name())).isEqualTo(4);
            assertThat(Redis.take(consumer, 4))
                    .extracting(Redis::body)
                    .isEqualTo(bodies.subList(3, 7));
        }
    }

    @Test
    void twoMessagesWithTheSameTagAreHeldSeparately() {
        var queue = Queue.named("same-tag");
        try (var broker = redis.broker(Map.of());
                var raw = redis.connection()) {
            for (var body : List.of("YQ==", "Yg==")) {
                raw.call(
                        Command.of(
                                "LPUSH",
                                queue.name(),
                                "{\"body\": \"%s\", \"properties\": {\"delivery_tag\": 1, \"body_encoding\": \"base64\"}}"
                                        .formatted(body)));
            }
            try (var consumer = broker.consume(List.of(queue), 0)) {
                var taken = Redis.take(consumer, 2);
                assertThat(taken).extracting(Redis::body).containsExactly("a", "b");
                assertThat(taken).extracting(Delivery::routingKey).containsOnly(queue.name());
                taken.getFirst().ack();
            }
            assertThat(broker.length(queue.name())).isEqualTo(1);
        }
    }
}
