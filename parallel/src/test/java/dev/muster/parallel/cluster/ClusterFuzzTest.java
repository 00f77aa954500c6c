package dev.muster.parallel.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.parallel.child.Ending;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What clients and servers of pools send.
class ClusterFuzzTest {
    private static final byte[] BYTES = {1, 2, 3};
    private static final Packed VALUE = Packed.of(BYTES);
    private static final SharedKey KEY = SharedKey.ofText("sixteen bytes long");
    private static final byte[] NONCE = new byte[Nonce.BYTES];

    private static byte[][] messages() {
        return Stream.of(
                        new Message.Hello(
                                "program",
                                true,
                                List.of(new CodeEntry("a.jar", "0f".repeat(32), 17)),
                                BYTES),
                        new Message.Wanted(List.of(0, 2)),
                        new Message.Content(true, BYTES),
                        new Message.Welcome("server", 4),
                        new Message.Rejected("no"),
                        new Message.Define(7, BYTES),
                        new Message.Part(7, BYTES),
                        new Message.Call(7, 1_000_000, 0, BYTES, VALUE),
                        new Message.Call(8, 0, 3, new byte[0], new Packed(BYTES, Path.of("a"))),
                        new Message.TakeBack(List.of(7L, 8L)),
                        new Message.Cancel(7, true),
                        new Message.Started(7),
                        new Message.Ended(7, 5, 1, new Ending.Returned(VALUE)),
                        new Message.Ended(7, 5, 1, new Ending.Threw(VALUE)),
                        new Message.Ended(7, 5, 1, new Ending.Died("child", 137, List.of("a"))),
                        new Message.Ended(7, 5, 1, new Ending.TimedOut(Duration.ofSeconds(1))),
                        new Message.Ended(7, 5, 1, new Ending.Refused("why", VALUE)),
                        new Message.GivenBack(7),
                        new Message.ClassWanted("a/B.class"),
                        new Message.ClassIs("a/B.class", BYTES))
                .map(message -> {
                    var sink = new ByteSink(64);
                    message.write(sink);
                    return sink.toByteArray();
                })
                .toArray(byte[][]::new);
    }

    @FuzzTest
    void messagesOfPools() {
        Fuzzer.of("messages of pools")
                .seeds(messages())
                .refusing(IOException.class)
                .run(input -> Message.read(input, _ -> Path.of("parts")));
    }

    /// Whoever knows the key may be of another version, and so send other things.
    @FuzzTest
    void datagramsOfWhoKnowsTheKey() throws IOException {
        var local = InetAddress.ofLiteral("127.0.0.1");
        var address = new InetSocketAddress(local, 7000);
        var request = Datagrams.request(NONCE, KEY);
        var answer = Datagrams.answer(NONCE, "00".repeat(Nonce.BYTES), address, 4, KEY);
        Fuzzer.of("datagrams")
                .seeds(unsigned(request), unsigned(answer))
                .run(input -> {
                    Datagrams.readRequest(signed(input, "pool-seeker"), KEY);
                    Datagrams.readAnswer(signed(input, "pool-server"), NONCE, local, KEY);
                    Datagrams.readRequest(input, KEY);
                    Datagrams.readAnswer(input, NONCE, local, KEY);
                });
    }

    private static byte[] unsigned(byte[] datagram) {
        return Arrays.copyOf(datagram, datagram.length - 32);
    }

    private static byte[] signed(byte[] content, String role) {
        var code = KEY.sign(role.getBytes(UTF_8), content);
        return ByteBuffer.allocate(content.length + code.length).put(content).put(code).array();
    }

    /// Found once: it ended the search for servers.
    @Test
    void anAnswerWithAnImpossiblePortIsNone() throws IOException {
        var local = InetAddress.ofLiteral("127.0.0.1");
        var address = new InetSocketAddress(local, 7000);
        var answer = unsigned(Datagrams.answer(NONCE, "00".repeat(Nonce.BYTES), address, 4, KEY));
        ByteBuffer.wrap(answer).putInt(Integer.BYTES + 2 * Nonce.BYTES, 65_536);

        assertThat(Datagrams.readAnswer(signed(answer, "pool-server"), NONCE, local, KEY))
                .isEmpty();
    }
}
