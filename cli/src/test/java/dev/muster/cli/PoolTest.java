package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.PoolFuture;
import dev.muster.parallel.cluster.ClusterPool;
import dev.muster.parallel.cluster.ServerStatistics;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.SharedKey;
import dev.muster.testkit.TcpProxy;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class PoolTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("listening at (\\S+) with 2 slots");

    @TempDir private static Path codeFolder;

    @TempDir private Path folder;

    static int slowIncrement(int n) throws InterruptedException {
        Thread.sleep(10);
        return n + 1;
    }

    private MusterProcess serve(String... options) {
        var words =
                new ArrayList<>(
                        List.of(
                                "pool",
                                "serve",
                                "--listen",
                                "127.0.0.1:0",
                                "--slots",
                                "2",
                                "--code-folder",
                                codeFolder.toString()));
        words.addAll(List.of(options));
        return MusterProcess.start(folder, words.toArray(String[]::new));
    }

    private static String address(MusterProcess server) {
        server.awaitOutput("listening at ");
        var found = ADDRESS.matcher(server.output());
        assertThat(found.find()).as(server.output()).isTrue();
        return found.group(1);
    }

    private Path key() throws IOException {
        var file = Files.writeString(folder.resolve("muster.key"), "correct horse battery\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String freePort() throws IOException {
        try (var socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    @Test
    void servesCallsOfThoseWhoKnowItsKey() throws Exception {
        var key = key();
        try (var server = serve("--key-file", key.toString(), "--hidden");
                var pool =
                        ClusterPool.builder()
                                .local(0)
                                .server(address(server))
                                .key(SharedKey.read(key))
                                .open()) {
            assertThat(pool.submit(PoolTest::slowIncrement, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void isFoundByThoseWhoKnowItsKeyAndStopsOnCtrlC() throws Exception {
        var key = key().toString();
        var port = freePort();
        try (var server = serve("--key-file", key, "--discovery-port", port)) {
            var address = address(server);
            var find =
                    List.of(
                            "pool",
                            "find",
                            "--broadcast",
                            "127.255.255.255",
                            "--discovery-port",
                            port);
            var withKey = new ArrayList<>(find);
            withKey.addAll(List.of("--key-file", key));

            var found = Cli.run(withKey.toArray(String[]::new));
            assertThat(found.status()).as(found.err()).isZero();
            assertThat(found.out()).matches(address + " +2 slots\\R");

            withKey.add("--json");
            assertThat(Cli.run(withKey.toArray(String[]::new)).out())
                    .contains("\"address\": \"" + address + "\"", "\"slots\": 2");

            var stranger = Cli.run(find.toArray(String[]::new));
            assertThat(stranger.status()).isEqualTo(1);
            assertThat(stranger.err()).contains("no pool server answers");

            server.signal("INT");
            assertThat(server.awaitExit()).isZero();
        }
    }

    /// The network first goes silent, then breaks, then is there again.
    @Test
    void callsGoElsewhereWhileTheNetworkIsCutAndBackToTheServerAfterwards() throws Exception {
        try (var server = serve("--hidden")) {
            var port = Integer.parseInt(address(server).replaceFirst(".*:", ""));
            try (var proxy = TcpProxy.before(port);
                    var pool =
                            ClusterPool.builder()
                                    .local(1)
                                    .server("127.0.0.1:" + proxy.port())
                                    .link(LinkOptions.DEFAULT.withSilence(Duration.ofMillis(500)))
                                    .open()) {
                var name = "127.0.0.1:" + proxy.port();
                awaitReady(pool, name); // or there is nothing left to do when it is
                var first = start(pool);
                awaitDone(pool, name, 10);

                proxy.pause();
                assertThat(first).map(Future::get).isEqualTo(results());
                assertThat(pool.statistics().of(name).lost()).isPositive();

                proxy.cut();
                proxy.resume();
                awaitReady(pool, name);
                var before = pool.statistics().of(name).done();
                assertThat(start(pool)).map(Future::get).isEqualTo(results());
                assertThat(pool.statistics().of(name).done()).isGreaterThan(before);
            }
        }
    }

    private static List<PoolFuture<Integer>> start(ClusterPool pool) {
        var started = new ArrayList<PoolFuture<Integer>>();
        for (var n = 0; n < 200; n++) {
            started.add(pool.submit(PoolTest::slowIncrement, n));
        }
        return started;
    }

    private static List<Integer> results() {
        return IntStream.rangeClosed(1, 200).boxed().toList();
    }

    private static void awaitReady(ClusterPool pool, String name) {
        await().atMost(LIMIT)
                .until(() -> pool.statistics().of(name).state() == ServerStatistics.State.READY);
    }

    private static void awaitDone(ClusterPool pool, String name, long calls) {
        await().atMost(LIMIT).until(() -> pool.statistics().of(name).done() > calls);
    }

    /// The classes of the program are in the memory of the one who runs it.
    @Test
    void runsCallsOfAProgramThatIsOneSourceFile() throws Exception {
        var program =
                Cli.write(
                        folder,
                        "Twice.java",
                        """
                        import dev.muster.parallel.cluster.ClusterPool;

                        public class Twice {
                            record Doubled(int n) implements java.io.Serializable {}

                            static Doubled twice(int n) {
                                return new Doubled(2 * n);
                            }

                            public static void main(String[] args) throws Exception {
                                try (var pool = ClusterPool.builder().local(0).server(args[0]).open()) {
                                    IO.println(pool.submit(Twice::twice, 21).get());
                                }
                            }
                        }
                        """);
        try (var server = serve("--hidden")) {
            var outcome = Cli.run("run", program.toString(), address(server));

            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.out()).contains("Doubled[n=42]");
        }
    }
}
