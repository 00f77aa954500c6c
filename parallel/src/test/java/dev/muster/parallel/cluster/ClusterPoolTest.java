package dev.muster.parallel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.CallTimeoutException;
import dev.muster.parallel.Calls;
import dev.muster.parallel.PoolBrokenException;
import dev.muster.parallel.PoolFuture;
import dev.muster.parallel.ProcessOptions;
import dev.muster.parallel.SerializableFunction.Of1;
import dev.muster.parallel.WorkerProcessDiedException;
import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.Relay;
import dev.muster.parallel.wire.SharedKey;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPoolTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final SharedKey KEY = SharedKey.ofText("a key for these tests");
    private static final List<Integer> ITEMS = IntStream.range(0, 1000).boxed().toList();
    private static final List<Integer> RESULTS = IntStream.range(1, 1001).boxed().toList();

    /// One for all, so that the class path is sent once.
    @TempDir private static Path codeFolder;

    @TempDir private Path folder;

    private final List<PoolServer> servers = new ArrayList<>();

    private static PoolServerOptions.Builder options(int slots) {
        return PoolServerOptions.builder().slots(slots).codeFolder(codeFolder).hidden();
    }

    private PoolServer server(PoolServerOptions.Builder options) throws IOException {
        var server = PoolServer.listen("127.0.0.1:0", options.build());
        servers.add(server);
        return server;
    }

    private static String address(PoolServer server) {
        return Addresses.text(server.address());
    }

    private static ClusterPool.Builder remote(PoolServer server) {
        return ClusterPool.builder().local(0).server(address(server));
    }

    private static ProcessOptions named(String node) {
        return ProcessOptions.builder().environment("NODE", node).build();
    }

    private static JavaProcess process(int slots) throws IOException {
        return JavaProcess.start(
                ServerMain.class, Integer.toString(slots), codeFolder.toString(), "process");
    }

    @AfterEach
    void closeServers() {
        servers.forEach(PoolServer::close);
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private PoolFuture<String> blocked(Calls pool, String name) {
        return pool.submit(Work::waitFor, file(name + " runs"), file(name + " may end"));
    }

    private void release(String name) throws IOException {
        Files.createFile(folder.resolve(name + " may end"));
    }

    /// Waits until a blocked call runs.
    private ProcessHandle awaitProcess(String name) throws IOException {
        var file = folder.resolve(name + " runs");
        await().atMost(LIMIT).until(() -> Files.exists(file));
        return ProcessHandle.of(Long.parseLong(Files.readString(file))).orElseThrow();
    }

    private static void awaitState(ClusterPool pool, String name, ServerStatistics.State state) {
        await().atMost(LIMIT).until(() -> pool.statistics().of(name).state() == state);
    }

    @Test
    void callsRunAtAServerWithItsEnvironmentAndOurInitializer() throws Exception {
        var server = server(options(1).processes(named("far")));
        var processes =
                ProcessOptions.builder()
                        .initializer(() -> System.setProperty("initialized", "yes"))
                        .build();
        try (var pool = remote(server).processes(processes).open()) {
            assertThat(pool.submit(Work::node).get()).isEqualTo("far");
            assertThat(pool.submit(Work::property, "initialized").get()).isEqualTo("yes");
            assertThatThrownBy(() -> pool.submit(Work::fail, "no disk").get())
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessage("no disk");
        }
    }

    @Test
    void anInitializerThatFailsBreaksThePool() throws Exception {
        var server = server(options(1));
        var processes = ProcessOptions.builder().initializer(() -> Work.fail("no licence")).build();
        try (var pool = remote(server).processes(processes).open()) {
            assertThatThrownBy(() -> pool.submit(Work::increment, 1).get())
                    .cause()
                    .isInstanceOf(PoolBrokenException.class)
                    .hasRootCauseMessage("no licence");
        }
    }

    @Test
    void allResultsAreRightWhenAServerIsKilledInTheMiddle() throws Exception {
        try (var first = process(2);
                var second = process(2)) {
            var killed = first.line();
            try (var pool =
                    ClusterPool.builder().local(1).server(killed).server(second.line()).open()) {
                var results = new ArrayList<PoolFuture<Integer>>();
                ITEMS.forEach(n -> results.add(pool.submit(Work::slowIncrement, n)));
                await().atMost(LIMIT).until(() -> pool.statistics().of(killed).done() > 50);

                first.process().destroyForcibly();

                assertThat(results).map(Future::get).isEqualTo(RESULTS);
                awaitState(pool, killed, ServerStatistics.State.AWAY);
                assertThat(pool.statistics().of(killed).lost()).isPositive();
            }
        }
    }

    @Test
    void callsGoElsewhereWhenTheNetworkIsSilentAndComeBackWithIt() throws Exception {
        var server = server(options(1));
        var silence = LinkOptions.DEFAULT.withSilence(Duration.ofMillis(500));
        try (var relay = new Relay(server.address());
                var pool =
                        ClusterPool.builder().local(1).server(relay.text()).link(silence).open()) {
            awaitState(pool, relay.text(), ServerStatistics.State.READY);
            var results = new ArrayList<PoolFuture<Integer>>();
            ITEMS.subList(0, 200).forEach(n -> results.add(pool.submit(Work::slowIncrement, n)));
            await().atMost(LIMIT).until(() -> pool.statistics().of(relay.text()).done() > 10);

            relay.swallow();

            assertThat(results).map(Future::get).isEqualTo(RESULTS.subList(0, 200));
            awaitState(pool, relay.text(), ServerStatistics.State.AWAY);
            assertThat(pool.size()).isEqualTo(1);
        }
    }

    @Test
    void isConnectedAgainAfterTheConnectionWasCut() throws Exception {
        var server = server(options(1));
        try (var relay = new Relay(server.address());
                var pool = ClusterPool.builder().local(0).server(relay.text()).open()) {
            var cut = blocked(pool, "cut");
            var process = awaitProcess("cut");

            relay.cut();

            // The server kills what nobody waits for any more, and gets the call again.
            await().atMost(LIMIT).until(() -> !process.isAlive());
            release("cut");
            assertThat(cut.get()).endsWith("cut may end");
            assertThat(pool.statistics().of(relay.text()).lost()).isEqualTo(1);
            assertThat(pool.submit(Work::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void aServerThatComesLaterGetsWhatWaits() throws Exception {
        var server = server(options(1));
        var address = server.address();
        server.close();
        try (var pool = ClusterPool.builder().local(0).server(Addresses.text(address)).open()) {
            var waiting = pool.submit(Work::increment, 1);
            awaitState(pool, Addresses.text(address), ServerStatistics.State.AWAY);
            assertThat(waiting).isNotDone();

            servers.add(PoolServer.listen(address, options(1).build()));

            assertThat(waiting.get()).isEqualTo(2);
        }
    }

    @Test
    void theWrongKeyIsToldAndNothingRunsThere() throws Exception {
        var server = server(options(1).key(KEY));
        var wrong = SharedKey.ofText("another key for these tests");
        try (var pool = remote(server).key(wrong).open()) {
            assertThatThrownBy(() -> pool.submit(Work::increment, 1).get())
                    .cause()
                    .isInstanceOf(PoolBrokenException.class)
                    .hasMessageContaining("the key is not that of " + address(server));
        }
        try (var pool = ClusterPool.builder().local(1).server(address(server)).key(wrong).open()) {
            awaitState(pool, address(server), ServerStatistics.State.REFUSING);
            assertThat(pool.submit(Work::increment, 1).get()).isEqualTo(2);
        }
        try (var pool = remote(server).key(KEY).open()) {
            assertThat(pool.submit(Work::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void withoutAKeyAServerListensOnLoopbackOnly() {
        assertThatThrownBy(() -> PoolServer.listen("0.0.0.0:0", options(1).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give a key");
    }

    /// Both have a class `Answer` on their class paths, but not the same.
    @Test
    void clientsWithDifferentClassPathsDoNotSeeEachOthersClasses() throws Exception {
        var server = server(options(2));
        var clients = new ArrayList<JavaProcess>();
        try {
            for (var answer : List.of("41", "42")) {
                var classes = Files.createDirectory(folder.resolve(answer));
                Compiled.into(
                        classes,
                        "Answer",
                        """
                        public class Answer {
                            static String answer(String to) { return to + " %s"; }
                            public static void main(String[] args) throws Exception {
                                try (var pool = dev.muster.parallel.cluster.ClusterPool.builder()
                                        .local(0).server(args[0]).open()) {
                                    System.out.println(pool.submit(Answer::answer, "it is").get());
                                    System.in.read();
                                }
                            }
                        }
                        """
                                .formatted(answer));
                clients.add(
                        JavaProcess.start(
                                classes
                                        + File.pathSeparator
                                        + System.getProperty("java.class.path"),
                                "Answer",
                                address(server)));
            }
            assertThat(clients.get(0).line()).isEqualTo("it is 41");
            assertThat(clients.get(1).line()).isEqualTo("it is 42");
            assertThat(server.programs()).isEqualTo(2);
        } finally {
            clients.forEach(JavaProcess::close);
        }
    }

    @Test
    void classesThatExistInMemoryOnlyAreThoseOfTheirClient() throws Exception {
        var server = server(options(2));
        var pools = new ArrayList<ClusterPool>();
        try {
            for (var answer : List.of("41", "42")) {
                var classes = Files.createDirectory(folder.resolve(answer));
                Compiled.into(
                        classes,
                        "Memory",
                        """
                        import dev.muster.parallel.SerializableFunction.Of1;
                        public class Memory {
                            record Reply(String text) implements java.io.Serializable {}
                            public static Of1<String, Object> function() {
                                return to -> new Reply(to + " %s");
                            }
                        }
                        """
                                .formatted(answer));
                var loader = Compiled.inMemory(classes);
                var pool = Compiled.with(loader, () -> remote(server).open());
                pools.add(pool);
                assertThat(pool.submit(function(loader), "it is").get())
                        .hasToString("Reply[text=it is %s]".formatted(answer));
            }
            assertThat(server.programs()).isEqualTo(2);
        } finally {
            pools.forEach(ClusterPool::close);
        }
    }

    @SuppressWarnings("unchecked") // as the source above has it
    private static Of1<String, Object> function(ClassLoader loader) throws Exception {
        return (Of1<String, Object>) loader.loadClass("Memory").getMethod("function").invoke(null);
    }

    @Test
    void aServerWithoutFreeSlotsGivesBackWhatOthersCanDo() throws Exception {
        var server = server(options(1));
        try (var other = remote(server).open();
                var pool = ClusterPool.builder().local(1).server(address(server)).open()) {
            var occupying = blocked(other, "occupying");
            awaitProcess("occupying");
            awaitState(pool, address(server), ServerStatistics.State.READY);

            assertThat(pool.map(Work::slowIncrement, ITEMS.subList(0, 20)))
                    .isEqualTo(RESULTS.subList(0, 20));

            assertThat(pool.statistics().of("local").done()).isEqualTo(20);
            assertThat(pool.statistics().of(address(server)).done()).isZero();
            release("occupying");
            assertThat(occupying.get()).endsWith("occupying may end");
        }
    }

    @Test
    void clientsOfABusyServerTakeTurns() throws Exception {
        var server = server(options(1));
        try (var first = remote(server).open();
                var second = remote(server).open()) {
            var long1 = blocked(first, "first");
            awaitProcess("first");
            var waiting = ITEMS.stream().map(n -> first.submit(Work::slowIncrement, n)).toList();
            var other = second.submit(Work::increment, 1);
            release("first");

            assertThat(other.get()).isEqualTo(2);
            assertThat(waiting).anyMatch(future -> !future.isDone());
            assertThat(long1.get()).isNotEmpty();
            assertThat(waiting).map(Future::get).isEqualTo(RESULTS);
        }
    }

    @Test
    void aFastServerGetsMoreThanASlowOne() throws Exception {
        var slow = server(options(1).processes(named("slow")));
        var fast = server(options(1).processes(named("fast")));
        try (var pool =
                ClusterPool.builder().local(0).server(address(slow)).server(address(fast)).open()) {
            await().atMost(LIMIT).until(() -> pool.size() == 2);

            assertThat(pool.map(Work::paced, ITEMS.subList(0, 300)))
                    .isEqualTo(RESULTS.subList(0, 300));

            var statistics = pool.statistics();
            assertThat(statistics.of(address(slow)).done()).isPositive();
            assertThat(statistics.of(address(fast)).done())
                    .isGreaterThan(3 * statistics.of(address(slow)).done());
            assertThat(statistics.of(address(fast)).average())
                    .isLessThan(statistics.of(address(slow)).average());
        }
    }

    @Test
    void aCallThatIsCancelledAtAServerIsKilledThere() throws Exception {
        var server = server(options(1));
        try (var pool = remote(server).open()) {
            var endless = blocked(pool, "endless");
            var process = awaitProcess("endless");

            assertThat(endless.cancel(true)).isTrue();

            await().atMost(LIMIT).until(() -> !process.isAlive());
            assertThat(pool.submit(Work::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void aCallThatRunsTooLongAtAServerIsKilledThere() throws Exception {
        var server = server(options(1));
        try (var pool = remote(server).open()) {
            var limit = Duration.ofMillis(500);
            var endless = blocked(pool.withTimeout(limit), "endless");

            assertThatThrownBy(endless::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            CallTimeoutException.class,
                            e -> assertThat(e.limit()).isEqualTo(limit));
            assertThat(pool.submit(Work::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void aProcessThatDiesAtAServerFailsItsCallOnly() throws Exception {
        var server = server(options(1));
        try (var pool = remote(server).open()) {
            var dying = pool.run(Work::exit, 7);
            var other = pool.submit(Work::increment, 1);

            assertThatThrownBy(dying::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            WorkerProcessDiedException.class,
                            e -> assertThat(e.exitStatus()).isEqualTo(7));
            assertThat(other.get()).isEqualTo(2);
            assertThat(pool.statistics().of(address(server)).failed()).isEqualTo(1);
        }
    }

    @Test
    void whatIsLargeTravelsInPiecesWhateverTheLimitOfFrames() throws Exception {
        var link = LinkOptions.DEFAULT.withFrameLimit(100_000);
        var server = server(options(1).link(link));
        var bytes = new byte[5_000_000];
        new Random(7).nextBytes(bytes);
        try (var pool = remote(server).link(link).open()) {
            assertThat(pool.submit(Work::reversed, bytes).get()).isEqualTo(Work.reversed(bytes));
            assertThat(pool.submit(Work::filled, 3_000_000).get())
                    .isEqualTo(Work.filled(3_000_000));
        }
        try (var files = Files.list(server.folder())) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aValueThatIsTooLargeForAFrameFailsItsCallOnly() throws Exception {
        var link = LinkOptions.DEFAULT.withFrameLimit(100_000);
        var server = server(options(1).link(link));
        try (var pool = remote(server).link(link).open()) {
            var text = "x".repeat(200_000);
            assertThatThrownBy(() -> pool.submit(Work::repeated, text, 1).get())
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasMessageContaining("the call cannot be sent")
                    .hasMessageContaining("takes 100000 at once");
            assertThatThrownBy(() -> pool.submit(Work::repeated, "x", 200_000).get())
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasMessageContaining("the outcome of the call cannot be sent");
            assertThat(pool.submit(Work::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void theCallsOfAClientThatIsKilledAreKilledAndItsProcessesEnd() throws Exception {
        var server = server(options(1).linger(Duration.ZERO));
        try (var client =
                JavaProcess.start(Blocked.class, address(server), file("it runs"), file("never"))) {
            var process = awaitProcess("it");

            client.process().destroyForcibly();

            await().atMost(LIMIT).until(() -> !process.isAlive());
            await().atMost(LIMIT).until(() -> server.programs() == 0);
        }
    }

    /// A client whose call does not end.
    static final class Blocked {
        public static void main(String[] args) throws Exception {
            try (var pool = ClusterPool.builder().local(0).server(args[0]).open()) {
                pool.submit(Work::waitFor, args[1], args[2]).get();
            }
        }
    }

    @Test
    void clientsOfTheSameProgramShareItsProcessesAndFindThemWarm() throws Exception {
        var server = server(options(1));
        long first;
        try (var pool = remote(server).open()) {
            first = pool.submit(() -> ProcessHandle.current().pid()).get();
        }
        try (var pool = remote(server).open()) {
            assertThat(pool.submit(() -> ProcessHandle.current().pid()).get()).isEqualTo(first);
        }
    }

    @Test
    void statisticsTellWhatWasDoneWhere() throws Exception {
        var server = server(options(2));
        try (var pool = remote(server).open()) {
            pool.map(Work::slowIncrement, ITEMS.subList(0, 10));
            assertThatThrownBy(() -> pool.submit(Work::fail, "x").get())
                    .isInstanceOf(ExecutionException.class);

            var statistics = pool.statistics().of(address(server));
            assertThat(statistics.done()).isEqualTo(10);
            assertThat(statistics.failed()).isEqualTo(1);
            assertThat(statistics.inFlight()).isZero();
            assertThat(statistics.slots()).isEqualTo(2);
            assertThat(statistics.work()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
            assertThat(statistics.callsPerSecond()).isPositive();
            assertThat(pool.statistics().toString())
                    .contains("server", "average", address(server), "ready");
        }
    }

    @Test
    void thousandsOfShortCallsAreSentAhead() throws Exception {
        var server = server(options(2));
        try (var pool = remote(server).open()) {
            var items = IntStream.range(0, 20_000).boxed().toList();
            assertThat(pool.map(Work::increment, items))
                    .isEqualTo(IntStream.rangeClosed(1, 20_000).boxed().toList());
        }
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        var tooLittle = LinkOptions.DEFAULT.withFrameLimit(2000);
        assertThatThrownBy(() -> ClusterPool.builder().link(tooLittle))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65536 bytes or more");
        assertThatThrownBy(() -> options(1).link(tooLittle))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options(1).discoveryPort(0))
                .isInstanceOf(IllegalArgumentException.class);
        var initialized = ProcessOptions.builder().initializer(() -> {}).build();
        assertThatThrownBy(() -> options(1).processes(initialized))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give it to the ClusterPool");
        assertThatThrownBy(() -> ClusterPool.builder().server("nowhere"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPoolNeedsAPlaceToRunCalls() {
        var nowhere = ClusterPool.builder().local(0);
        assertThatThrownBy(nowhere::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("name a server");
    }

    @Test
    void aCallWaitsForAServerAndCanBeCancelledMeanwhile() throws Exception {
        var server = server(options(1));
        server.close();
        var pool = remote(server).open();
        var waiting = pool.submit(Work::increment, 1);

        assertThat(pool.shutdownNow()).hasSize(1);

        assertThat(waiting).isCancelled();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
}
