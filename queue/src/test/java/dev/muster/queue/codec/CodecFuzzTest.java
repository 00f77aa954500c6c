package dev.muster.queue.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Bodies of messages, and what is in them.
class CodecFuzzTest {
    private static final Json JSON = new Json(true);
    private static final int LARGEST = 1 << 20;

    private static final String[] TEXTS = {
        "{\"a\": [1, -2.5, true, null, \"text\\n\\u20ac\"], \"b\": {\"c\": 12345678901234567890}}",
        "[[1, 2], {\"x\": NaN}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]",
        "{\"__type__\": \"datetime\", \"__value__\": \"2026-03-13T14:15:16.171819+01:00\"}",
        "{\"__type__\": \"decimal\", \"__value__\": \"12.50\"}",
        "{\"__type__\": \"date\", \"__value__\": \"2026-03-13\"}",
        "{\"__type__\": \"time\", \"__value__\": \"14:15:16\"}",
        "{\"__type__\": \"uuid\", \"__value__\": {\"hex\": \"00112233445566778899aabbccddeeff\", \"version\": 4}}",
        "{\"__type__\": \"base64\", \"__value__\": \"AAEC\"}",
        "{\"__type__\": \"bytes\", \"__value__\": \"abc\"}"
    };

    private static @Nullable Object tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("numbers", List.of(1, -1, 300, 1L << 40, 1.5, BigInteger.TWO.pow(63)));
        tree.put("texts", Arrays.asList("", "text", "\u20ac", "12:30", "null", "- a", null));
        tree.put("flag", true);
        tree.put("bytes", new byte[] {0, (byte) 0xff});
        tree.put("time", Instant.parse("2026-03-13T14:15:16.171819Z"));
        tree.put("nested", Map.of("a", List.of(Map.of("b", List.of()))));
        return tree;
    }

    /// What was read can be written to a log, and again where it can be written at all.
    private static void use(@Nullable Object tree) {
        PythonRepr.value(tree);
        try {
            JSON.write(tree);
        } catch (EncodeException _) {
            // Not all that YAML or JSON can say can be said in JSON, such as NaN.
        }
    }

    @FuzzTest
    void json() {
        Fuzzer.of("JSON")
                .seeds(TEXTS)
                .refusing(DecodeException.class)
                .run(input -> use(JSON.read(input)));
    }

    @FuzzTest
    void msgpack() {
        var msgpack = new MsgpackSerializer();
        Fuzzer.of("msgpack")
                .seeds(
                        msgpack.encode(tree()),
                        msgpack.encode(List.of(List.of(1, 2), Map.of("x", "y"), Map.of())),
                        // An extension: a timestamp.
                        new byte[] {(byte) 0xd6, -1, 0x5a, 0x4a, (byte) 0xf6, (byte) 0xa5})
                .refusing(DecodeException.class)
                .run(input -> use(msgpack.decode(input)));
    }

    @FuzzTest
    void yaml() {
        var yaml = new YamlSerializer();
        Fuzzer.of("YAML")
                .seeds(yaml.encode(tree()))
                .seeds(TEXTS[0])
                .seeds(
                        "- [1, 2]\n- {x: 0x1f, y: 017, z: 1_000, t: 1:30:00, f: .inf}\n- null\n",
                        "a: &one {b: 1}\nc:\n  <<: *one\n  d: |\n    text\n  e: >-\n    more\n",
                        "? 1\n: !!binary AAEC\n? true\n: !!set {a, b}\n",
                        "--- [1, 'it''s', \"\\x41\\u20ac\"]\n...\n",
                        "- 2026-03-13 14:15:16.17 +01:00\n- 2026-03-13\n- ~\n- yes\n- !!str 12\n")
                .refusing(DecodeException.class)
                .run(input -> use(yaml.decode(input)));
    }

    @FuzzTest
    void zlib() {
        Fuzzer.of("zlib")
                .seeds(
                        Compression.ZLIB.compress(TEXTS[0].getBytes(UTF_8)),
                        Compression.ZLIB.compress(new byte[1000]))
                .refusing(DecodeException.class)
                .run(input -> Compression.ZLIB.decompress(input, LARGEST));
    }

    @FuzzTest
    void bzip2() {
        Fuzzer.of("bzip2")
                .seeds(
                        Compression.BZIP2.compress(TEXTS[0].getBytes(UTF_8)),
                        Compression.BZIP2.compress(new byte[1000]))
                .refusing(DecodeException.class)
                .run(input -> Compression.BZIP2.decompress(input, LARGEST));
    }

    /// The first byte chooses what the message says that it is.
    @FuzzTest
    void bodies() {
        var serializers =
                new Serializers(
                        Settings.DEFAULT
                                .with("accept_content", "json,msgpack,yaml")
                                .with("message_max_bytes", LARGEST));
        var types =
                List.of(
                        "application/json",
                        "application/x-msgpack",
                        "application/x-yaml",
                        "text/plain; charset=latin-1",
                        "application/data");
        Fuzzer.of("bodies")
                .seeds("\u0000[[], {}, {}]", "\u0002- a\n", "\u0003text")
                .refusing(DecodeException.class)
                .refusing(ContentRefusedException.class)
                .run(input -> {
                    var kind = input.length == 0 ? 0 : input[0];
                    var body = Arrays.copyOfRange(input, Math.min(1, input.length), input.length);
                    serializers.read(
                            new Message(
                                    body,
                                    types.get(Math.floorMod(kind, types.size())),
                                    kind < 64 ? "utf-8" : new String(input, ISO_8859_1),
                                    Map.of(),
                                    Message.Properties.DEFAULT));
                });
    }

    @FuzzTest
    void times() {
        Fuzzer.of("times")
                .seeds(
                        "2026-03-13T14:15:16.171819+01:00",
                        "2026-03-13T14:15:16Z",
                        "2026-03-13 14:15",
                        "2026-03-13")
                .refusing(DecodeException.class)
                .runText(text -> {
                    WireTime.parse(text);
                    WireTime.parse(text, ZoneId.of("Europe/Berlin"));
                });
    }

    @FuzzTest
    void results() {
        var format = new ResultFormat(JSON);
        Fuzzer.of("results")
                .seeds(
                        "{\"status\": \"SUCCESS\", \"result\": [1], \"traceback\": null, \"children\": [[[\"id\", null], null]], \"date_done\": \"2026-03-13T14:15:16.171819+00:00\", \"task_id\": \"id\", \"parent_id\": \"p\"}",
                        "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"KeyError\", \"exc_message\": [\"a\"], \"exc_module\": \"builtins\"}, \"traceback\": \"at\", \"date_done\": null, \"task_id\": \"id\"}")
                .refusing(DecodeException.class)
                .run(input -> {
                    try {
                        format.write(format.read(input));
                    } catch (EncodeException _) {
                        // NaN is read, but not written.
                    }
                });
    }

    enum Colour {
        RED,
        GREEN
    }

    record Order(
            int number,
            @Nullable String customer,
            List<Double> prices,
            Map<String, Long> amounts,
            Optional<Instant> sent,
            Set<Colour> colours,
            @Nullable Order next) {}

    record Orders(List<Order> orders) {}

    record Everything(
            byte a,
            short b,
            char c,
            float d,
            @Nullable BigInteger e,
            @Nullable BigDecimal f,
            @Nullable UUID g,
            byte @Nullable [] h,
            @Nullable LocalDate i,
            @Nullable LocalDateTime j,
            @Nullable LocalTime k,
            @Nullable OffsetDateTime l,
            @Nullable Duration m,
            @Nullable Object n) {}

    /// Arguments and results become what the program declares.
    @FuzzTest
    void conversions() {
        Fuzzer.of("conversions to orders")
                .seeds(
                        "{\"orders\": [{\"number\": 1, \"customer\": \"a\", \"prices\": [1.5], \"amounts\": {\"b\": 2}, \"sent\": \"2026-03-13T14:15:16Z\", \"colours\": [\"RED\"], \"next\": null}]}")
                .refusing(DecodeException.class)
                .refusing(ConversionException.class)
                .run(input -> JSON.convert(JSON.read(input), Orders.class));
    }

    @FuzzTest
    void conversionsOfAllTypes() {
        Fuzzer.of("conversions to all types")
                .seeds(
                        "{\"a\": 1, \"b\": 2, \"c\": \"c\", \"d\": 1.5, \"e\": \"12345678901234567890\", \"f\": {\"__type__\": \"decimal\", \"__value__\": \"1.50\"}, \"g\": \"00112233-4455-6677-8899-aabbccddeeff\", \"h\": \"AAEC\", \"i\": \"2026-03-13\", \"j\": \"2026-03-13T14:15:16\", \"k\": \"14:15:16\", \"l\": \"2026-03-13T14:15:16+01:00\", \"m\": 1.5, \"n\": [1]}")
                .refusing(DecodeException.class)
                .refusing(ConversionException.class)
                .run(input -> JSON.convert(JSON.read(input), Everything.class));
    }

    /// Found once: each quote copied all of the text.
    @Test
    void aTextOfQuotesIsNotCopiedForEachOfThem() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var text = "\"".repeat(1 << 18);
        var before = threads.getCurrentThreadAllocatedBytes();

        JSON.write(text);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10L << 20);
    }

    /// Found once: it was no refusal, so no worker expected it.
    @Test
    void aTypedDateWithATimeOfDayIsRefused() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() ->
                        JSON.read(
                                "{\"__type__\": \"date\", \"__value__\": \"2026-03-13T14:15:16\"}"));
    }
}
