package dev.muster.parallel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// All on the loopback interface.
@Timeout(120)
class DiscoveryTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final SharedKey KEY = SharedKey.ofText("a key for these tests");
    private static final SharedKey OTHER_KEY = SharedKey.ofText("another key for these tests");

    @TempDir private static Path codeFolder;

    private final int port = freePort();

    private final Discovery discovery =
            Discovery.DEFAULT
                    .withAddresses(InetAddress.ofLiteral("127.255.255.255"))
                    .withPort(port)
                    .withInterval(Duration.ofMillis(200));

    DiscoveryTest() throws IOException {}

    private static int freePort() throws IOException {
        try (var socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private PoolServer server(SharedKey key) throws IOException {
        return PoolServer.listen(
                "127.0.0.1:0",
                PoolServerOptions.builder()
                        .slots(1)
                        .key(key)
                        .codeFolder(codeFolder)
                        .discoveryPort(port)
                        .build());
    }

    @Test
    void findsAllServersOfTheKeyAndNoOthers() throws Exception {
        try (var first = server(KEY);
                var second = server(KEY);
                var other = server(OTHER_KEY)) {
            assertThat(discovery.find(KEY, Duration.ofSeconds(2)))
                    .extracting(FoundServer::address)
                    .containsExactlyInAnyOrder(
                            Addresses.text(first.address()), Addresses.text(second.address()));
            assertThat(discovery.find(OTHER_KEY, Duration.ofSeconds(2)))
                    .containsExactly(
                            new FoundServer(other.id(), Addresses.text(other.address()), 1));
        }
        assertThat(discovery.find(KEY, Duration.ofMillis(100))).isEmpty();
    }

    @Test
    void aServerThatComesLaterIsFoundAndUsed() throws Exception {
        try (var pool = ClusterPool.builder().local(0).discover(discovery).key(KEY).open()) {
            var waiting = pool.submit(Work::increment, 1);
            try (var server = server(KEY)) {
                assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(2);
                assertThat(pool.statistics().of(Addresses.text(server.address())).done())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aServerThatIsNamedAndFoundIsUsedOnce() throws Exception {
        try (var server = server(KEY);
                var pool =
                        ClusterPool.builder()
                                .local(0)
                                .server("localhost:" + server.address().getPort())
                                .discover(discovery)
                                .key(KEY)
                                .open()) {
            assertThat(pool.submit(Work::increment, 1).get(60, TimeUnit.SECONDS)).isEqualTo(2);
            await().during(Duration.ofSeconds(1)).atMost(LIMIT).until(() -> pool.size() == 1);
        }
    }

    @Test
    void withoutAKeyOnlyThisMachineIsAsked() throws Exception {
        assertThat(Discovery.DEFAULT.targets(SharedKey.NONE))
                .containsExactly(InetAddress.ofLiteral("127.255.255.255"));
        var network = Discovery.DEFAULT.withAddresses(InetAddress.ofLiteral("192.0.2.255"));
        assertThatThrownBy(() -> network.find(SharedKey.NONE, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give a key");
        try (var server = server(SharedKey.NONE)) {
            assertThat(discovery.find(SharedKey.NONE, Duration.ofSeconds(2)))
                    .extracting(FoundServer::id)
                    .containsExactly(server.id());
        }
    }

    @Test
    void anAnswerIsGoodForItsRequestOnly() {
        var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 7474);
        var id = Nonce.text();
        var nonce = Nonce.bytes();
        var from = InetAddress.ofLiteral("127.0.0.1");
        var answer = Datagrams.answer(nonce, id, address, 4, KEY);

        assertThat(Datagrams.readAnswer(answer, nonce, from, KEY))
                .contains(new FoundServer(id, "127.0.0.1:7474", 4));
        assertThat(Datagrams.readAnswer(answer, Nonce.bytes(), from, KEY)).isEmpty();
        assertThat(Datagrams.readAnswer(answer, nonce, from, OTHER_KEY)).isEmpty();
        assertThat(Datagrams.readRequest(answer, KEY)).isEmpty();
        assertThat(Datagrams.readRequest(Datagrams.request(nonce, KEY), KEY)).contains(nonce);
        assertThat(Datagrams.readRequest(Datagrams.request(nonce, KEY), OTHER_KEY)).isEmpty();
    }

    @Test
    void theAddressOfAServerOnAllInterfacesIsThatOfItsAnswer() {
        var everywhere = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 7474);
        var nonce = Nonce.bytes();
        var answer = Datagrams.answer(nonce, Nonce.text(), everywhere, 4, KEY);

        assertThat(Datagrams.readAnswer(answer, nonce, InetAddress.ofLiteral("192.0.2.7"), KEY))
                .map(FoundServer::address)
                .contains("192.0.2.7:7474");
    }

    @Test
    void datagramsOfOthersAreNothing() {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var nonce = Nonce.bytes();
        var from = InetAddress.ofLiteral("127.0.0.1");
        for (var round = 0; round < 10_000; round++) {
            var datagram = new byte[random.nextInt(Datagrams.MAX_BYTES)];
            random.nextBytes(datagram);
            assertThat(Datagrams.readRequest(datagram, KEY)).as("seed %d", seed).isEmpty();
            assertThat(Datagrams.readAnswer(datagram, nonce, from, KEY))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }
}
