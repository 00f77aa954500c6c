package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlSerializerTest {
    private final Serializer yaml = new YamlSerializer();

    @Test
    void readsValuesByTheRulesOfPyYaml() {
        assertThat(
                        read(
                                """
                                [yes, Off, ~, null, 1_000, 0x1F, 010, 0b11, 1:30, -5, 1.5, 1.0e+16,
                                .inf, -.inf, 12e4567, 1e3, y, n, 0o7, 1:30.5, '1', !!str 2]\
                                """))
                .isEqualTo(
                        Arrays.asList(
                                true,
                                false,
                                null,
                                null,
                                1000L,
                                31L,
                                8L,
                                3L,
                                90L,
                                -5L,
                                1.5,
                                1e16,
                                Double.POSITIVE_INFINITY,
                                Double.NEGATIVE_INFINITY,
                                "12e4567",
                                "1e3",
                                "y",
                                "n",
                                "0o7",
                                90.5,
                                "1",
                                "2"));
    }

    @Test
    void readsTimes() {
        assertThat(
                        read(
                                """
                                - 2026-11-20 11:47:38.148111+00:00
                                - 2026-11-20t11:47:38.5 -05:30
                                - 2026-11-20 1:02:03
                                - 2026-11-20
                                - 2026-1-2\
                                """))
                .isEqualTo(
                        List.of(
                                OffsetDateTime.parse("2026-11-20T11:47:38.148111Z"),
                                OffsetDateTime.parse("2026-11-20T11:47:38.5-05:30"),
                                LocalDateTime.parse("2026-11-20T01:02:03"),
                                LocalDate.parse("2026-11-20"),
                                "2026-1-2"));
    }

    @Test
    void readsAliasesMergesAndSets() {
        assertThat(read("- &a {x: 1}\n- *a\n- {<<: *a, y: 2}\n- !!set {b, c}"))
                .isEqualTo(
                        List.of(
                                Map.of("x", 1L),
                                Map.of("x", 1L),
                                Map.of("x", 1L, "y", 2L),
                                List.of("b", "c")));
    }

    @Test
    void writesTimesAndBytesSoThatTheyAreReadAsSuch() {
        var value =
                List.of(
                        OffsetDateTime.parse("2026-11-20T11:47:38.148111Z"),
                        LocalDateTime.parse("2026-11-20T01:02:03"),
                        LocalDate.parse("2026-11-20"));

        assertThat(yaml.decode(yaml.encode(value))).isEqualTo(value);
        assertThat(yaml.decode(yaml.encode(Instant.EPOCH)))
                .isEqualTo(OffsetDateTime.parse("1970-01-01T00:00:00Z"));
        assertThat(yaml.decode(yaml.encode(new byte[] {1, -1}))).isEqualTo(new byte[] {1, -1});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "!!javax.script.ScriptEngineManager [!!java.net.URL ['http://localhost/']]",
                "!!python/object/apply:os.system ['true']",
                "!custom x",
                "&a [*a]",
                "&a {b: *a}",
                "[1",
                "a: b: c",
                "--- 1\n--- 2",
                "? [a]\n: b",
                "!!int x",
                "!!float x",
                "!!bool x",
                "!!timestamp x",
                "2026-02-30",
                "!!map [a]",
                "<<: 1",
                "\u0000"
            })
    void refuses(String text) {
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> read(text));
    }

    @Test
    void refusesAliasesThatMultiply() {
        var text = new StringBuilder("- &l0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var level = 1; level < 30; level++) {
            text.append("- &l").append(level).append(" [");
            text.append(("*l" + (level - 1) + " , ").repeat(10)).append("]\n");
        }

        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> read(text.toString()))
                .withMessageContaining("too many values");
    }

    @Test
    void refusesMergesThatMultiply() {
        var text = new StringBuilder("- &l0 {a: 1}\n");
        for (var level = 1; level < 60; level++) {
            text.append("- &l").append(level).append(" {<<: [");
            text.append(("*l" + (level - 1) + " , ").repeat(10)).append("]}\n");
        }

        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> read(text.toString()));
    }

    @Test
    void refusesDeepNestingOnBothWays() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> read("[".repeat(100_000)));
        assertThat(read("[".repeat(500) + "]".repeat(500))).isInstanceOf(List.class);
        assertThat(yaml.decode(yaml.encode(read("[".repeat(500) + "]".repeat(500)))))
                .isInstanceOf(List.class);
    }

    /// Which would be read for hours, at the length that a message may have.
    @Test
    void refusesALongWord() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> read("x".repeat(4 << 20)))
                .withMessageContaining("beyond the limits");
    }

    @Test
    void refusesHalfCharacters() {
        assertThatExceptionOfType(EncodeException.class).isThrownBy(() -> yaml.encode("\udc00"));
    }

    private @Nullable Object read(String text) {
        return yaml.decode(text.getBytes(StandardCharsets.UTF_8));
    }
}
