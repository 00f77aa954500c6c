package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What must hold for every value and for any bytes. The seed is the number of the case.
class CodecPropertiesTest {
    private static final int CASES = 10_000;

    private final Serializers serializers = new Serializers(Settings.DEFAULT);

    @ParameterizedTest
    @ValueSource(strings = {"json", "msgpack", "yaml"})
    void whatIsWrittenIsReadAgain(String name) {
        var serializer = serializers.byName(name);
        for (var seed = 0; seed < CASES; seed++) {
            var value = new RandomValues(seed).value();
            if (name.equals("json")) {
                value = withoutNan(value);
            }

            assertThat(serializer.decode(serializer.encode(value)))
                    .as("seed %d", seed)
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "msgpack", "yaml"})
    void damagedBytesAreReadOrRefusedButNothingElse(String name) {
        var serializer = serializers.byName(name);
        for (var seed = 0; seed < CASES; seed++) {
            var values = new RandomValues(seed);
            var bytes =
                    seed % 4 == 0
                            ? values.bytes(64)
                            : values.damage(serializer.encode(withoutNan(values.value())));

            assertRefusedOrRead(() -> serializer.decode(bytes), seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void compressedBytesComeBack(Compression compression) {
        for (var seed = 0; seed < CASES / 10; seed++) {
            var bytes = new RandomValues(seed).bytes(500);

            assertThat(compression.decompress(compression.compress(bytes), 500))
                    .as("seed %d", seed)
                    .isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void damagedCompressionIsReadOrRefusedButNothingElse(Compression compression) {
        for (var seed = 0; seed < CASES / 10; seed++) {
            var values = new RandomValues(seed);
            var bytes = values.damage(values.damage(compression.compress(values.bytes(500))));

            assertRefusedOrRead(() -> compression.decompress(bytes, 10_000), seed);
        }
    }

    @Test
    void damagedResultRecordsAreReadOrRefusedButNothingElse() {
        var format = new ResultFormat(new Json(true));
        var record =
                """
                {"status": "SUCCESS", "result": {"__type__": "date", "__value__": "2026-01-02"},
                "traceback": null, "children": [[["a", null], null]],
                "date_done": "2026-11-20T11:50:54.950959", "task_id": "a"}\
                """
                        .getBytes(StandardCharsets.UTF_8);
        for (var seed = 0; seed < CASES; seed++) {
            var bytes = new RandomValues(seed).damage(record);

            assertRefusedOrRead(() -> format.read(bytes), seed);
        }
    }

    @Test
    void anyValueHasARepr() {
        for (var seed = 0; seed < CASES; seed++) {
            assertThat(PythonRepr.of(new RandomValues(seed).value(), 50))
                    .as("seed %d", seed)
                    .isNotEmpty()
                    .hasSizeLessThanOrEqualTo(50);
        }
    }

    private interface Reading {
        @Nullable Object read();
    }

    private static void assertRefusedOrRead(Reading reading, int seed) {
        try {
            reading.read();
        } catch (DecodeException e) {
            assertThat(e.getMessage()).as("seed %d", seed).isNotEmpty().hasSizeLessThan(300);
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static @Nullable Object withoutNan(@Nullable Object value) {
        return switch (value) {
            case Double number when !Double.isFinite(number) -> 0.5;
            case List<?> items -> {
                var copy = new ArrayList<@Nullable Object>();
                items.forEach(item -> copy.add(withoutNan(item)));
                yield copy;
            }
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<@Nullable Object, @Nullable Object>();
                map.forEach((key, item) -> copy.put(key, withoutNan(item)));
                yield copy;
            }
            case null, default -> value;
        };
    }
}
