package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.codec.Serializer;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Settings;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What Java writes, Python reads, and what Python makes of it, Java reads: the same value.
class CodecWithPythonTest {
    private static final int CASES = 2_000;
    private static final HexFormat HEX = HexFormat.of();

    @ParameterizedTest
    @ValueSource(strings = {"json", "msgpack", "yaml"})
    void valuesSurviveTheWayThroughPython(String name, @TempDir Path folder) throws IOException {
        var serializer = new Serializers(Settings.DEFAULT).byName(name);
        var seed = Long.getLong("seeded.seed", new Random().nextLong());
        var values = values(serializer, new Random(seed));
        var bodies = values.stream().map(serializer::encode).map(HEX::formatHex).toList();
        var file = Files.write(folder.resolve("bodies"), bodies);

        var lines =
                Python.resource(CodecWithPythonTest.class, "codec.py")
                        .withArguments(
                                name,
                                serializer.contentType(),
                                serializer.contentEncoding(),
                                file.toString())
                        .run();

        assertThat(lines).hasSize(CASES);
        for (var number = 0; number < CASES; number++) {
            assertThat(serializer.decode(HEX.parseHex(lines.get(number))))
                    .as("case %d, -Dseeded.seed=%d, sent as %s", number, seed, bodies.get(number))
                    .isEqualTo(values.get(number));
        }
    }

    private static List<@Nullable Object> values(Serializer serializer, Random random) {
        var generator = Generators.values();
        var values = new ArrayList<@Nullable Object>();
        while (values.size() < CASES) {
            var value = generator.generate(random);
            values.add(serializer.name().equals("msgpack") ? withoutBigIntegers(value) : value);
        }
        return values;
    }

    /// msgpack has no number beyond 64 bits, and neither writes one.
    private static @Nullable Object withoutBigIntegers(@Nullable Object value) {
        return switch (value) {
            case BigInteger number -> number.toString();
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(item -> copy.add(withoutBigIntegers(item)));
                yield copy;
            }
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<@Nullable Object, @Nullable Object>();
                map.forEach((key, item) -> copy.put(key, withoutBigIntegers(item)));
                yield copy;
            }
            case null -> null;
            default -> value;
        };
    }
}
