package dev.muster.parallel.child;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What a child tells its parent, and the reverse. Code of users runs in the child, and may write
/// where it should not.
class ChildFuzzTest {
    private static final Packed VALUE = Packed.of(new byte[] {1, 2, 3});

    private static byte[] written(Consumer<ByteSink> write) {
        var sink = new ByteSink(64);
        write.accept(sink);
        return sink.toByteArray();
    }

    @FuzzTest
    void reports() {
        Fuzzer.of("reports of children")
                .seeds(
                        Stream.<Report>of(
                                        new Report.Ready(),
                                        new Report.Started(7),
                                        new Report.Returned(7, 5, VALUE),
                                        new Report.Threw(
                                                7, 5, new Packed(new byte[3], Path.of("a"))),
                                        new Report.GivenBack(List.of(7L, 8L)),
                                        new Report.Kept(7),
                                        new Report.ClassWanted("a/B.class"),
                                        new Report.NotReady(VALUE))
                                .map(report -> written(report::write))
                                .toArray(byte[][]::new))
                .refusing(IOException.class)
                .run(input -> {
                    var reader = new Frames.Reader(channel(input));
                    for (var frame = reader.next(); frame != null; frame = reader.next()) {
                        Report.read(frame);
                    }
                });
    }

    @FuzzTest
    void orders() {
        Fuzzer.of("orders to children")
                .seeds(
                        Stream.<Order>of(
                                        new Order.Setup(
                                                Path.of("a"),
                                                Path.of("b"),
                                                1,
                                                2,
                                                List.of("**"),
                                                new byte[2]),
                                        new Order.Define(1, new byte[3]),
                                        new Order.Call(7, true, 0, new byte[2], VALUE),
                                        new Order.Call(7, false, 3, new byte[0], VALUE),
                                        new Order.TakeBack(Order.HALF),
                                        new Order.ClassIs("a/B.class", new byte[3]),
                                        new Order.Stop())
                                .map(order -> written(order::write))
                                .toArray(byte[][]::new))
                .refusing(IOException.class)
                .run(input -> {
                    var reader = new Frames.Reader(channel(input));
                    for (var frame = reader.next(); frame != null; frame = reader.next()) {
                        Order.read(frame);
                    }
                });
    }

    private static java.nio.channels.ReadableByteChannel channel(byte[] input) {
        return Channels.newChannel(new ByteArrayInputStream(input));
    }

    /// Found once: it was an exception that no reader of a child expects.
    @Test
    void aReportWithoutItsFieldsIsDamage() {
        assertThatExceptionOfType(StreamCorruptedException.class)
                .isThrownBy(() -> Report.read(ByteBuffer.wrap(new byte[] {1, 0})));
        assertThatExceptionOfType(StreamCorruptedException.class)
                .isThrownBy(() -> Order.read(ByteBuffer.wrap(new byte[] {1, 0})));
    }
}
