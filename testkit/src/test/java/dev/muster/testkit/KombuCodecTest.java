package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.codec.Compression;
import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.codec.WireTime;
import dev.muster.queue.spi.Settings;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Our codecs against the real kombu (5.2, as Debian has it), both ways.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KombuCodecTest {
    private static final UUID ID = UUID.fromString("b7a3f3c1-0000-4000-8000-0123456789ab");

    private final Serializers serializers = new Serializers(Settings.DEFAULT);
    private final Json bare = new Json(false);

    private Process python;
    private BufferedWriter questions;
    private BufferedReader answers;

    /// A value as Java and as Python has it.
    record Sample(@Nullable Object java, String python) {}

    static Stream<Sample> samples() {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("k", Arrays.asList(1L, null));
        map.put("é", Map.of());
        return Stream.of(
                new Sample(null, "None"),
                new Sample(true, "True"),
                new Sample(List.of(0L, -1L, 127L, 128L, -32769L), "[0, -1, 127, 128, -32769]"),
                new Sample(List.of(Long.MAX_VALUE, Long.MIN_VALUE), "[2**63 - 1, -2**63]"),
                new Sample(BigInteger.TWO.pow(64).subtract(BigInteger.ONE), "2**64 - 1"),
                new Sample(List.of(1.0, -0.0, 0.1, 1e7), "[1.0, -0.0, 0.1, 1e7]"),
                new Sample(List.of(1e16, 1e-5, 1e300, 1.5e-7), "[1e16, 1e-5, 1e300, 1.5e-7]"),
                new Sample(
                        List.of("", "a", "it's", "\"", "\\"), "['', 'a', \"it's\", '\"', '\\\\']"),
                new Sample(
                        "é€\n\t\u0000\u007f\u0085\u2028\ufeff",
                        "'é€\\n\\t\\0\\x7f\\x85\\u2028\\ufeff'"),
                new Sample("\ud83d\ude00", "'\\U0001f600'"),
                new Sample(
                        List.of(
                                "1",
                                "true",
                                "null",
                                "1.5",
                                "12e4567",
                                "2026-01-02",
                                "~",
                                "=",
                                "<<"),
                        "['1', 'true', 'null', '1.5', '12e4567', '2026-01-02', '~', '=', '<<']"),
                new Sample(
                        List.of(" a", "a ", "a: b", "- a", "# a", "a\nb\n", "? a", "x".repeat(200)),
                        "[' a', 'a ', 'a: b', '- a', '# a', 'a\\nb\\n', '? a', 'x' * 200]"),
                new Sample(map, "{'k': [1, None], 'é': {}}"),
                new Sample(List.of(List.of(List.of()), Map.of("", "")), "[[[]], {'': ''}]"));
    }

    @BeforeAll
    void startPython(@TempDir Path folder) throws IOException {
        var script = folder.resolve("kombu_peer.py");
        try (var source = KombuCodecTest.class.getResourceAsStream("/kombu_peer.py")) {
            assertThat(source).isNotNull();
            Files.copy(source, script);
        }
        python =
                new ProcessBuilder("/usr/bin/python3", script.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        questions = python.outputWriter(StandardCharsets.US_ASCII);
        answers = python.inputReader(StandardCharsets.US_ASCII);
    }

    @AfterAll
    void stopPython() {
        python.destroyForcibly();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void kombuReadsWhatWeWrite(Sample sample) {
        for (var name : List.of("json", "msgpack", "yaml")) {
            var body = serializers.byName(name).encode(sample.java());

            assertThat(text(ask("decode", bytes(name), body)))
                    .as(name)
                    .isEqualTo(text(ask("evaluate", bytes(sample.python()))));
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void weReadWhatKombuWrites(Sample sample) {
        for (var name : List.of("json", "msgpack", "yaml")) {
            var body = ask("encode", bytes(name), bytes(sample.python()));

            assertThat(serializers.byName(name).decode(body)).as(name).isEqualTo(sample.java());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void writesTheSameBytesOfJsonAsKombu(Sample sample) {
        assertThat(bare.writeText(sample.java()))
                .isEqualTo(text(ask("encode", bytes("json"), bytes(sample.python()))));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void printsLikePython(Sample sample) {
        assertThat(PythonRepr.value(sample.java()))
                .isEqualTo(text(ask("evaluate", bytes(sample.python()))));
    }

    @Test
    void printsFloatsLikePython() {
        var random = new Random(7);
        for (var count = 0; count < 5_000; count++) {
            var number =
                    switch (count % 4) {
                        case 0 -> Double.longBitsToDouble(random.nextLong());
                        case 1 -> random.nextInt(10_000) / 100.0;
                        case 2 -> Double.longBitsToDouble(random.nextLong() >>> 40); // next to 0
                        default -> random.nextLong() * Math.pow(10, random.nextInt(30) - 20);
                    };
            var hex = Double.isNaN(number) ? "nan" : Double.toHexString(number);
            var expression = "float.fromhex('%s')".formatted(hex.replace("Infinity", "inf"));

            assertThat(PythonRepr.value(number))
                    .isEqualTo(text(ask("evaluate", bytes(expression))));
        }
    }

    @Test
    void readsWhatKombu52WritesForDatesAndIds() {
        var body =
                ask(
                        "encode",
                        bytes("json"),
                        bytes(
                                "[dt(2026, 11, 20, 11, 47, 38, 148111, timezone.utc),"
                                        + " dt(2026, 11, 20, 11, 47), date(2026, 1, 2),"
                                        + " uuid.UUID('"
                                        + ID
                                        + "'), Decimal('1.10'), float('nan'), 2 ** 200]"));

        var read = (List<?>) Objects.requireNonNull(bare.read(body));
        assertThat(bare.convert(read.get(0), Instant.class))
                .isEqualTo(Instant.parse("2026-11-20T11:47:38.148111Z"));
        assertThat(bare.convert(read.get(1), LocalDateTime.class))
                .isEqualTo(LocalDateTime.parse("2026-11-20T11:47"));
        assertThat(bare.convert(read.get(2), LocalDate.class)).isEqualTo(LocalDate.of(2026, 1, 2));
        assertThat(bare.convert(read.get(3), UUID.class)).isEqualTo(ID);
        assertThat(bare.convert(read.get(4), BigDecimal.class)).isEqualTo(new BigDecimal("1.10"));
        assertThat(read.get(5)).isEqualTo(Double.NaN);
        assertThat(read.get(6)).isEqualTo(BigInteger.TWO.pow(200));
    }

    @Test
    void yamlDatesPassBothWays() {
        var yaml = serializers.byName("yaml");
        var time = OffsetDateTime.parse("2026-11-20T11:47:38.148111Z");
        var values = List.of(time, time.toLocalDateTime(), LocalDate.of(2026, 1, 2));
        var inPython =
                "[dt(2026, 11, 20, 11, 47, 38, 148111, timezone.utc),"
                        + " dt(2026, 11, 20, 11, 47, 38, 148111), date(2026, 1, 2)]";

        assertThat(yaml.decode(ask("encode", bytes("yaml"), bytes(inPython)))).isEqualTo(values);
        assertThat(text(ask("decode", bytes("yaml"), yaml.encode(values))))
                .isEqualTo(text(ask("evaluate", bytes(inPython))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"msgpack", "yaml"})
    void bytesPassBothWays(String name) {
        var serializer = serializers.byName(name);
        var data = new byte[] {0, 'a', -1};

        assertThat(serializer.decode(ask("encode", bytes(name), bytes("b'\\0a\\xff'"))))
                .isEqualTo(data);
        assertThat(text(ask("decode", bytes(name), serializer.encode(data))))
                .isEqualTo("b'\\x00a\\xff'");
    }

    @Test
    void celeryReadsOurTimes() {
        for (var text : List.of("2026-11-20T11:47:38.148111222Z", "2026-11-20T11:47:38Z")) {
            var time = Instant.parse(text);
            var wire = WireTime.format(time);

            assertThat(text(ask("parse_time", bytes(wire)))).isEqualTo(wire);
        }
    }

    @ParameterizedTest
    @CsvSource({"gzip", "zlib", "bzip2"})
    void compressionPassesBothWays(String name) {
        var compression = Compression.byName(name);
        var data = "[[1, 1], {}, {}]".repeat(50).getBytes(StandardCharsets.UTF_8);

        assertThat(compression.decompress(ask("compress", bytes(name), data), 10_000))
                .isEqualTo(data);
        assertThat(ask("decompress", bytes(compression.contentType()), compression.compress(data)))
                .isEqualTo(data);
    }

    private byte[] ask(String command, byte[]... arguments) {
        var question = new StringBuilder(command);
        for (var argument : arguments) {
            question.append(' ').append(Base64.getEncoder().encodeToString(argument));
        }
        try {
            questions.append(question).append('\n').flush();
            var answer = answers.readLine();
            assertThat(answer).as("python has ended").isNotNull();
            return Base64.getDecoder().decode(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
