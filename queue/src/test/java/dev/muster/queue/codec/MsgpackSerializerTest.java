package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MsgpackSerializerTest {
    private final Serializer msgpack = new MsgpackSerializer();

    @Test
    void writesTextAsStrAndBytesAsBin() {
        assertThat(msgpack.encode(List.of("a", new byte[] {1}, 5)))
                .isEqualTo(HexFormat.of().parseHex("93a161c4010105"));
    }

    @Test
    void writesTypedValuesAsTheirText() {
        var id = UUID.randomUUID();

        assertThat(msgpack.decode(msgpack.encode(List.of(Instant.EPOCH, id))))
                .isEqualTo(List.of("1970-01-01T00:00:00+00:00", id.toString()));
    }

    @Test
    void readsTimestamps() {
        assertThat(msgpack.decode(HexFormat.of().parseHex("d6ff00000001")))
                .isEqualTo(Instant.ofEpochSecond(1).atOffset(ZoneOffset.UTC));
    }

    @Test
    void keepsIntegersOf64Bits() {
        var largest = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

        assertThat(msgpack.decode(msgpack.encode(List.of(largest, Long.MIN_VALUE))))
                .isEqualTo(List.of(largest, Long.MIN_VALUE));
    }

    @Test
    void refusesToWriteWhatTheFormatCannotHold() {
        var loop = new ArrayList<Object>();
        loop.add(loop);

        for (var value :
                List.of(
                        BigInteger.TWO.pow(64),
                        BigInteger.TWO.pow(63).negate().subtract(BigInteger.ONE),
                        "\ud800",
                        loop)) {
            assertThatExceptionOfType(EncodeException.class)
                    .isThrownBy(() -> msgpack.encode(value));
        }
    }

    @Test
    void turnsKeysIntoStrings() {
        assertThat(msgpack.decode(HexFormat.of().parseHex("8101a161"))).isEqualTo(Map.of("1", "a"));
    }

    /// Claims of 2^31 - 1 and 2^32 - 1 elements and bytes, in turn: array, map, str, bin; then cut
    /// short, followed by more, a key that is a list, invalid UTF-8, an unknown extension, and the
    /// one byte that is never used.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "dd7fffffff",
                "df7fffffff",
                "db7fffffff",
                "c67fffffff",
                "ddffffffff",
                "dfffffffff",
                "dbffffffff",
                "c6ffffffff",
                "c97fffffffff",
                "",
                "92c0",
                "c0c0",
                "8190c0",
                "a1ff",
                "d40100",
                "c1"
            })
    void refuses(String hex) {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> msgpack.decode(HexFormat.of().parseHex(hex)));
    }

    @Test
    void refusesHostileSizesAtEveryLevel() {
        var hostile = new byte[10_000_000];
        for (var level = 0; level < 500; level++) {
            hostile[level * 5] = (byte) 0xdd;
            hostile[level * 5 + 2] = (byte) 0x90; // claims some nine million items each
        }

        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> msgpack.decode(hostile));
    }

    @Test
    void refusesDeepNesting() {
        var deep = new byte[100_000];
        Arrays.fill(deep, (byte) 0x91);

        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> msgpack.decode(deep))
                .withMessageContaining("500");
    }
}
