package dev.muster.queue.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeaderFrameTest {
    private static final int HEADERS_ONLY = 1 << 13;

    private static byte[] frame(byte[] table) {
        return ByteBuffer.allocate(18 + table.length + 2)
                .putShort((short) 60)
                .putShort((short) 0)
                .putLong(5)
                .putShort((short) (HEADERS_ONLY | 1 << 12 | 1 << 11)) // delivery mode, priority
                .putInt(table.length)
                .put(table)
                .put((byte) 2)
                .put((byte) 9)
                .array();
    }

    private static byte[] field(String name, char tag, byte[] value) {
        return ByteBuffer.allocate(2 + name.length() + value.length)
                .put((byte) name.length())
                .put(name.getBytes(UTF_8))
                .put((byte) tag)
                .put(value)
                .array();
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    @Test
    void replacesInPlaceATypeThatHasAnEqual() {
        var frame = frame(field("big", 'L', number(1L << 40)));

        assertThat(HeaderFrame.mend(frame)).isEmpty();

        assertThat(frame).isEqualTo(frame(field("big", 'l', number(1L << 40))));
    }

    @Test
    void replacesATableWithAnUnknownTypeAndKeepsTheOtherProperties() {
        var mended = HeaderFrame.mend(frame(field("odd", 'z', number(1)))).orElseThrow();

        assertThat(new String(mended, UTF_8)).contains(HeaderFrame.DEFECT).contains("unknown type");
        assertThat(mended[mended.length - 2]).isEqualTo((byte) 2);
        assertThat(mended[mended.length - 1]).isEqualTo((byte) 9);
        assertThat(HeaderFrame.mend(mended)).isEmpty();
    }

    @Test
    void replacesATableThatIsNestedTooDeep() {
        var value = new byte[0];
        for (var depth = 0; depth < 5_000; depth++) {
            value =
                    ByteBuffer.allocate(5 + value.length)
                            .put((byte) 'A')
                            .putInt(value.length)
                            .put(value)
                            .array();
        }
        var table = new ByteArrayOutputStream();
        table.write(1);
        table.write('d');
        table.writeBytes(value);

        var mended = HeaderFrame.mend(frame(table.toByteArray())).orElseThrow();

        assertThat(new String(mended, UTF_8)).contains("nested deeper than 100 levels");
    }

    @Test
    void replacesATableWhoseLengthsLie() {
        for (var length : new int[] {-1, Integer.MIN_VALUE, 1_000, Integer.MAX_VALUE}) {
            var value = ByteBuffer.allocate(8).putInt(length).putInt(0).array();
            for (var tag : "SAFx".toCharArray()) {
                assertThat(HeaderFrame.mend(frame(field("f", tag, value))))
                        .as("tag %s, length %d", tag, length)
                        .isPresent();
            }
        }
    }

    @Test
    void survivesRandomTables() {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++) {
            var table = new byte[random.nextInt(60)];
            random.nextBytes(table);
            for (var at = 0; at + 1 < table.length; at += 1 + random.nextInt(6)) {
                table[at] = (byte) "\1\0VtbBsuIifDdlTLSxFA".charAt(random.nextInt(20));
            }
            var frame = frame(table);
            assertThatCode(() -> HeaderFrame.mend(frame))
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }
}
