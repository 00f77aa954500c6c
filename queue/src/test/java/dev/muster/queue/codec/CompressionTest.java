package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.queue.spi.SettingsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    private static final byte[] TEXT =
            "[[1, 1], {}, {}]".repeat(20).getBytes(StandardCharsets.UTF_8);

    @Test
    void knowsTheNamesAndHeadersOfKombu() {
        assertThat(Compression.byName("gzip")).isEqualTo(Compression.ZLIB);
        assertThat(Compression.byName("zlib")).isEqualTo(Compression.ZLIB);
        assertThat(Compression.byName("bzip2")).isEqualTo(Compression.BZIP2);
        assertThat(Compression.byHeader("application/x-gzip")).isEqualTo(Compression.ZLIB);
        assertThat(Compression.byHeader("application/x-bz2")).isEqualTo(Compression.BZIP2);
    }

    @Test
    void writesAZlibStreamForGzipAsKombuDoes() {
        assertThat(Compression.ZLIB.compress(TEXT)).startsWith(0x78, 0x9c);
    }

    @Test
    void readsARealGzipFile() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(TEXT);
        }

        assertThat(Compression.ZLIB.decompress(out.toByteArray(), 1000)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @EnumSource
    void stopsAtTheLimit(Compression compression) {
        var bomb = compression.compress(new byte[50_000_000]);

        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> compression.decompress(bomb, 1_000_000))
                .withMessageContaining("more than 1000000 bytes");
        assertThat(compression.decompress(compression.compress(TEXT), TEXT.length)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsCutShort(Compression compression) {
        var whole = compression.compress(TEXT);

        for (var length = 0; length < whole.length - 4; length++) {
            var part = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(DecodeException.class)
                    .as("length %d", length)
                    .isThrownBy(() -> compression.decompress(part, 1000));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/zstd", "lzma", ""})
    void refusesUnknownOnes(String name) {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> Compression.byHeader(name));
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> Compression.byName(name));
    }
}
