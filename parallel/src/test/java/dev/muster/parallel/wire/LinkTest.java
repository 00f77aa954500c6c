package dev.muster.parallel.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.fuzz.LogCapture;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class LinkTest {
    private static final String PROTOCOL = "test/1";
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(LOOPBACK, 0);
    private static final LinkOptions OPTIONS =
            LinkOptions.of(SharedKey.ofText("correct horse battery"));

    @TempDir private Path folder;
    private final LinkedBlockingQueue<LinkLostException> ends = new LinkedBlockingQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private @Nullable LinkServer server;

    private LinkServer serve(LinkOptions options) throws IOException {
        server = LinkServer.listen(ANY_PORT, PROTOCOL, options, this::echo);
        return server;
    }

    private void echo(Link link) {
        accepted.incrementAndGet();
        try {
            while (true) {
                link.send(sink(link.receive()));
            }
        } catch (LinkLostException e) {
            ends.add(e);
        }
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private static Link connect(LinkServer server, LinkOptions options) throws IOException {
        return Link.connect(server.address(), PROTOCOL, options);
    }

    private static ByteSink sink(byte[] bytes) {
        var sink = new ByteSink(bytes.length);
        sink.write(bytes);
        return sink;
    }

    private static ByteSink text(String text) {
        return sink(text.getBytes(UTF_8));
    }

    private LinkLostException awaitEnd() throws InterruptedException {
        var end = ends.poll(60, TimeUnit.SECONDS);
        assertThat(end).as("the server has noticed the end").isNotNull();
        return end;
    }

    @Test
    void framesOfManyThreadsArriveWholeAndInTheOrderOfEach() throws Exception {
        try (var link = connect(serve(OPTIONS), OPTIONS);
                var senders = Executors.newVirtualThreadPerTaskExecutor()) {
            var sent = new ArrayList<Future<?>>();
            for (var sender = 0; sender < 8; sender++) {
                var name = (byte) sender;
                sent.add(
                        senders.submit(() -> {
                            for (var number = 0; number < 500; number++) {
                                var frame = new ByteSink(16);
                                frame.write(name);
                                frame.writeInt(number);
                                frame.write(new byte[number * 37 % 3000]);
                                link.send(frame);
                            }
                            return null;
                        }));
            }
            var expected = new int[8];
            for (var count = 0; count < 8 * 500; count++) {
                var frame = ByteBuffer.wrap(link.receive());
                var name = frame.get();
                var number = frame.getInt();
                assertThat(number).isEqualTo(expected[name]++);
                assertThat(frame.remaining()).isEqualTo(number * 37 % 3000);
            }
            for (var one : sent) {
                one.get();
            }
        }
    }

    @Test
    void aLargeFramePassesAndOneBeyondTheLimitHarmsNobody() throws Exception {
        var limit = 20_000_000;
        var content = new byte[limit];
        new Random(1).nextBytes(content);
        var options = OPTIONS.withFrameLimit(limit);

        try (var link = connect(serve(options), options)) {
            assertThatThrownBy(() -> link.send(sink(new byte[limit + 1])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("20000001 bytes", "takes 20000000");
            link.send(sink(content));

            assertThat(link.receive()).isEqualTo(content);
        }
    }

    @Test
    void aFrameBeyondTheLimitOfWhoDoesNotCareEndsTheLink() throws Exception {
        var options = OPTIONS.withFrameLimit(1024);
        var server = serve(options);

        try (var socket = new Socket(LOOPBACK, server.address().getPort())) {
            Handshake.ask(
                    socket.getInputStream(),
                    socket.getOutputStream(),
                    PROTOCOL,
                    OPTIONS.key(),
                    Handshake.Terms.of(options),
                    "server");
            socket.getOutputStream().write(new byte[] {0x7F, 0, 0, 0});

            assertThat(awaitEnd()).hasMessageContainingAll("2130706432 bytes", "1024");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aQuietLinkLives() throws Exception {
        var silence = Duration.ofMillis(300);

        // Each side keeps to what the other bears.
        try (var link = connect(serve(OPTIONS.withSilence(silence)), OPTIONS)) {
            var quiet = ends.poll(silence.toMillis() * 5, TimeUnit.MILLISECONDS);

            assertThat(quiet).isNull();
            link.send(text("hello"));
            assertThat(link.receive()).asString(UTF_8).isEqualTo("hello");
        }
    }

    @Test
    void bothSidesMissAPeerThatVanishedWithoutAWord() throws Exception {
        var options = OPTIONS.withSilence(Duration.ofMillis(500));

        try (var relay = new Relay(serve(options).address());
                var link = Link.connect(relay.address(), PROTOCOL, options)) {
            link.send(text("hello"));
            link.receive();
            relay.swallow();

            assertThatThrownBy(link::receive)
                    .isInstanceOf(LinkLostException.class)
                    .hasMessageContainingAll("nothing was heard", "500 ms");
            assertThat(awaitEnd()).hasMessageContaining("nothing was heard");
            assertThatThrownBy(() -> link.send(text("anybody?")))
                    .isInstanceOf(LinkLostException.class)
                    .hasMessageContaining("nothing was heard");
        }
    }

    /// A sender waits when the network takes nothing more; it must not wait for ever.
    @Test
    void whoWaitsForRoomIsToldOfTheLoss() throws Exception {
        var options = OPTIONS.withSilence(Duration.ofMillis(500));

        try (var relay = new Relay(serve(options).address());
                var link = Link.connect(relay.address(), PROTOCOL, options)) {
            relay.stall();
            var reader = Executors.newVirtualThreadPerTaskExecutor();
            try (reader) {
                var received = reader.submit(link::receive);
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        link.send(sink(new byte[100_000]));
                                    }
                                })
                        .isInstanceOf(LinkLostException.class);
                assertThatThrownBy(received::get).hasCauseInstanceOf(LinkLostException.class);
            }
        }
    }

    @Test
    void whatWasSentBeforeTheEndArrives() throws Exception {
        var link = connect(serve(OPTIONS), OPTIONS);
        var lines = new ArrayList<String>();
        link.send(text("first"));
        lines.add(new String(link.receive(), UTF_8));

        link.close();
        link.close();

        assertThat(lines).containsExactly("first");
        assertThat(awaitEnd()).hasMessageContaining("has closed the connection");
        assertThatThrownBy(() -> link.send(text("second")))
                .isInstanceOf(LinkLostException.class)
                .hasMessageContaining("closed on this side");
    }

    @Test
    void theEndOfTheServerEndsItsLinks() throws Exception {
        var server = serve(OPTIONS);
        try (var link = connect(server, OPTIONS)) {
            link.send(text("hello"));
            link.receive();

            server.close();

            assertThatThrownBy(link::receive).isInstanceOf(LinkLostException.class);
            assertThatThrownBy(() -> connect(server, OPTIONS))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no connection to 127.0.0.1:");
        }
    }

    @Test
    void aWrongKeyIsToldOnceOnEachSide() throws Exception {
        var server = serve(OPTIONS);
        var other = LinkOptions.of(SharedKey.ofText("correct horse batterz"));

        try (var log = new LogCapture(LinkServer.class)) {
            for (var attempt = 0; attempt < 5; attempt++) {
                for (var wrong : List.of(other, LinkOptions.DEFAULT)) {
                    assertThatThrownBy(() -> connect(server, wrong))
                            .isInstanceOf(HandshakeException.class)
                            .hasMessageContaining(
                                    "the key is not that of " + Addresses.text(server.address()));
                }
            }

            await().untilAsserted(() ->
                    assertThat(log.warnings())
                            .singleElement()
                            .asString()
                            .contains("127.0.0.1", "another key"));
            assertThat(accepted).hasValue(0);
        }
    }

    @Test
    void anotherProtocolIsTold() throws Exception {
        var server = serve(OPTIONS);

        assertThatThrownBy(() -> Link.connect(server.address(), "test/2", OPTIONS))
                .isInstanceOf(HandshakeException.class)
                .hasMessageContainingAll("speaks test/1", "this side speaks test/2");
    }

    /// By who does not know the key, and answers the client with the client's own words.
    @Test
    void aProofThatIsSentBackToWhoMadeItIsNone() throws Exception {
        try (var fake = new ServerSocket(0, 1, LOOPBACK);
                var genuine = new Socket(LOOPBACK, serve(OPTIONS).address().getPort());
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var echoed =
                    executor.submit(() -> {
                        try (var socket = fake.accept()) {
                            var out = new DataOutputStream(socket.getOutputStream());
                            var greeting = frame(genuine);
                            out.writeInt(greeting.length);
                            out.write(greeting);
                            var answer = frame(socket);
                            out.writeInt(33);
                            out.write(1);
                            out.write(answer, answer.length - 32, 32);
                        }
                        return null;
                    });
            var address = (InetSocketAddress) fake.getLocalSocketAddress();

            assertThatThrownBy(() -> Link.connect(address, PROTOCOL, OPTIONS))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("the key is not that of");
            echoed.get();
        }
    }

    private static byte[] frame(Socket socket) throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        var frame = new byte[in.readInt()];
        in.readFully(frame);
        return frame;
    }

    @Test
    void aRecordedProofIsWorthNothingLater() throws Exception {
        var server = serve(OPTIONS);
        var recorded = new byte[4 + 72];
        try (var relay = new ServerSocket(0, 1, LOOPBACK);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var client =
                    executor.submit(() ->
                            Link.connect(
                                    (InetSocketAddress) relay.getLocalSocketAddress(),
                                    PROTOCOL,
                                    OPTIONS));
            try (var here = relay.accept();
                    var there = new Socket(LOOPBACK, server.address().getPort())) {
                here.getOutputStream().write(there.getInputStream().readNBytes(4 + 50));
                new DataInputStream(here.getInputStream()).readFully(recorded);
                there.getOutputStream().write(recorded);
                here.getOutputStream().write(there.getInputStream().readNBytes(4 + 33));
                client.get().close();
            }
        }
        await().untilAsserted(() -> assertThat(accepted).hasValue(1));

        try (var replay = new Socket(LOOPBACK, server.address().getPort())) {
            frame(replay);
            replay.getOutputStream().write(recorded);

            assertThat(frame(replay)).containsExactly(0);
        }
        assertThat(accepted).hasValue(1);
    }

    @Test
    void garbageOnAThousandConnectionsIsRefusedWithOneWarning() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var server = serve(OPTIONS);

        try (var log = new LogCapture(LinkServer.class);
                var good = connect(server, OPTIONS)) {
            for (var count = 0; count < 1_000; count++) {
                try (var socket = new Socket(LOOPBACK, server.address().getPort())) {
                    var garbage = new byte[1 + random.nextInt(2_000)];
                    random.nextBytes(garbage);
                    socket.getOutputStream().write(garbage);
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException _) {
                    // Reset, as not all was read.
                }
            }

            good.send(text("still here"));
            assertThat(good.receive()).as("seed %d", seed).asString(UTF_8).isEqualTo("still here");
            assertThat(accepted).as("seed %d", seed).hasValue(1);
            assertThat(log.warnings()).as("seed %d", seed).hasSizeLessThanOrEqualTo(1);
        }
    }

    /// A byte now and then for ever, as those do who want to take all connections.
    @Test
    void whoIsSlowToSayWhoItIsIsCutOff() throws Exception {
        var server = serve(OPTIONS);

        try (var log = new LogCapture(LinkServer.class);
                var slow = new Socket(LOOPBACK, server.address().getPort())) {
            assertThatThrownBy(
                            () -> {
                                slow.setSoTimeout(200);
                                frame(slow);
                                slow.getOutputStream().write(new byte[] {0, 0, 0, 72});
                                while (true) {
                                    try {
                                        if (slow.getInputStream().read() < 0) {
                                            throw new IOException("end");
                                        }
                                    } catch (SocketTimeoutException _) {
                                        slow.getOutputStream().write(1);
                                    }
                                }
                            })
                    .isInstanceOf(IOException.class);

            await().untilAsserted(() ->
                    assertThat(log.warnings()).singleElement().asString().contains("within 5 s"));
        }
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws Exception {
        try (var silent = new ServerSocket(0, 1, LOOPBACK)) {
            var address = (InetSocketAddress) silent.getLocalSocketAddress();

            assertThatThrownBy(() -> Link.connect(address, PROTOCOL, OPTIONS))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("did not answer within 5 s", "TLS?");
        }
    }

    @Test
    void anotherServerIsToldFromOurs() throws Exception {
        try (var web = new ServerSocket(0, 1, LOOPBACK);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var served =
                    executor.submit(() -> {
                        try (var socket = web.accept()) {
                            socket.getOutputStream()
                                    .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
                        }
                        return null;
                    });
            var address = (InetSocketAddress) web.getLocalSocketAddress();

            assertThatThrownBy(() -> Link.connect(address, PROTOCOL, OPTIONS))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("is not Muster");
            served.get();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"})
    void withoutAKeyItListensOnLoopbackOnly(String address) {
        assertThatThrownBy(() ->
                        LinkServer.listen(
                                Addresses.parse(address),
                                PROTOCOL,
                                LinkOptions.DEFAULT,
                                this::echo))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without a key");
    }

    @Test
    void withoutAKeyItServesThoseWithoutOne() throws Exception {
        try (var link = connect(serve(LinkOptions.DEFAULT), LinkOptions.DEFAULT)) {
            link.send(text("hello"));

            assertThat(link.receive()).asString(UTF_8).isEqualTo("hello");
        }
    }

    private SSLContext certificate(String name, String host) throws Exception {
        var store = folder.resolve(name + ".p12");
        var keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-alias",
                                "muster",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=" + host,
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                "secret",
                                "-keystore",
                                store.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(keytool.waitFor()).isZero();
        return TlsContexts.read(store, "secret".toCharArray());
    }

    @Test
    void overTlsFramesPassAndSilenceIsMissed() throws Exception {
        var options =
                OPTIONS.withTls(certificate("good", "ip:127.0.0.1"))
                        .withSilence(Duration.ofMillis(500));
        var content = new byte[300_000];
        new Random(2).nextBytes(content);

        try (var relay = new Relay(serve(options).address());
                var link = Link.connect(relay.address(), PROTOCOL, options)) {
            link.send(sink(content));
            assertThat(link.receive()).isEqualTo(content);
            relay.swallow();

            assertThatThrownBy(link::receive)
                    .isInstanceOf(LinkLostException.class)
                    .hasMessageContaining("nothing was heard");
            assertThat(awaitEnd()).hasMessageContaining("nothing was heard");
        }
    }

    @Test
    void overTlsOnlyTheTrustedServerOfThatNameIsTaken() throws Exception {
        var good = OPTIONS.withTls(certificate("good", "ip:127.0.0.1"));
        var stranger = OPTIONS.withTls(certificate("stranger", "ip:127.0.0.1"));
        var elsewhere = OPTIONS.withTls(certificate("elsewhere", "ip:192.0.2.1"));

        try (var server = LinkServer.listen(ANY_PORT, PROTOCOL, good, this::echo)) {
            assertThatThrownBy(() -> connect(server, stranger)).hasMessageContaining("no TLS with");
        }
        try (var server = LinkServer.listen(ANY_PORT, PROTOCOL, elsewhere, this::echo)) {
            assertThatThrownBy(() -> connect(server, elsewhere))
                    .hasMessageContainingAll("no TLS with", "127.0.0.1");
        }
        try (var server = LinkServer.listen(ANY_PORT, PROTOCOL, OPTIONS, this::echo)) {
            assertThatThrownBy(() -> connect(server, good)).hasMessageContaining("no TLS with");
        }
    }
}
