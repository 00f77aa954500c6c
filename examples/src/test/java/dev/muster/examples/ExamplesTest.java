package dev.muster.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.muster.testkit.Servers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each example is one file, run as its users run it.
class ExamplesTest {
    private static final String[] PAIRS = {
        "EURUSD", "CHFUSD", "GBPUSD", "GBPEUR", "CADUSD", "CADEUR"
    };

    /// Of 13 March 2026: USD 1.1476, CHF 0.9034, GBP 0.86503, CAD 1.5726 for one euro.
    private static final List<String> RATES =
            List.of(
                    "EURUSD 1.1476",
                    "CHFUSD 1.27031",
                    "GBPUSD 1.32666",
                    "GBPEUR 1.15603",
                    "CADUSD 0.729747",
                    "CADEUR 0.63589");

    @TempDir private Path folder;

    private MusterCommand.Outcome run(String example, String... args) throws InterruptedException {
        return run(Map.of(), example, args);
    }

    private MusterCommand.Outcome run(Map<String, String> variables, String example, String... args)
            throws InterruptedException {
        var words = new ArrayList<String>();
        words.add("run");
        words.add(file(example));
        words.addAll(List.of(args));
        return MusterCommand.run(folder, variables, words.toArray(String[]::new));
    }

    private MusterCommand start(String example, String... args) {
        var words = new ArrayList<>(List.of("run", file(example)));
        words.addAll(List.of(args));
        return MusterCommand.start(folder, Map.of(), words.toArray(String[]::new));
    }

    private static String file(String example) {
        return MusterCommand.EXAMPLES.resolve(example + ".java").toString();
    }

    @Test
    void echoHoldsTheMessageHereAndThroughTheQueue() throws InterruptedException {
        var lines = run("Echo", "Java", "rocks!").lines();

        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo("called here:        Java rocks!");
        assertThat(lines.get(1)).matches("sent as task: +\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-.*");
        assertThat(lines.get(2)).isEqualTo("through the queue:  Java rocks!");
        assertThat(lines.get(3)).isEqualTo("and its state:      SUCCESS");
    }

    @Test
    void mergeSortAgreesWithTheJdk() throws InterruptedException {
        var lines = run("MergeSort", "20000").lines();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).matches("sorted by workers in +\\d+\\.\\d\\d s");
        assertThat(lines.get(1)).matches("sorted here in +\\d+\\.\\d\\d s");
        assertThat(lines.get(2)).isEqualTo("both agree with Arrays.sort");
    }

    @Test
    void wordCountAddsUpWhatTheWorkersCounted() throws Exception {
        var text = folder.resolve("text.txt");
        Files.writeString(text, "Well, well: don't\n".repeat(12_000) + "Über\n");

        assertThat(run("WordCount", text.toString()).lines())
                .containsExactly(
                        "36001 words, 3 different",
                        "   24000 well",
                        "   12000 don't",
                        "       1 über");
    }

    @Test
    void wordCountOfTheWholeNovelIsThatOfOneLoop() throws Exception {
        var lines = run("WordCount").lines();

        assertThat(lines.getFirst()).isEqualTo(countOfTheNovel());
        assertThat(lines.get(1)).endsWith(" the");
        assertThat(lines).hasSize(11);
    }

    /// Counted by another rule that means the same: what is no letter and no inner apostrophe
    /// separates words.
    private static String countOfTheNovel() throws IOException {
        var novel = Files.readString(MusterCommand.EXAMPLES.resolve("data/war-and-peace.txt"));
        var words =
                novel.toLowerCase(Locale.ROOT)
                        .replaceAll("(?<![\\p{L}\\p{M}])['’]|['’](?![\\p{L}\\p{M}])", " ")
                        .split("[^\\p{L}\\p{M}'’]+", -1);
        var found = Arrays.stream(words).filter(word -> !word.isEmpty()).toList();
        return "%d words, %d different".formatted(found.size(), Set.copyOf(found).size());
    }

    @Test
    void queuesFeedProcessesThatASentinelEnds() throws InterruptedException {
        assertThat(run("Queues", "2").lines()).containsExactly("5702887", "5702887");
    }

    @Test
    void queuesFeedProcessesThatEndWhenTheQueueIsClosed() throws InterruptedException {
        assertThat(run("Queues", "2", "3", "close").lines())
                .containsExactly("5702887", "5702887", "5702887");
    }

    @Test
    void fifoCarriesMessagesBetweenUnrelatedPrograms() throws Exception {
        var variables = Map.of("PIPE", folder.resolve("pipe").toString());
        try (var reader = MusterCommand.start(folder, variables, "run", file("Fifo"), "read")) {
            var outcome = run(variables, "Fifo", "write", "hello there");

            assertThat(outcome.status()).isZero();
            reader.awaitPrinted("hello there (from process ");
        }
    }

    @Test
    void complainGreetsComplainsAndSaysGoodbye() throws InterruptedException {
        assertThat(run("Complain").lines())
                .containsExactly(
                        "Please talk to me!",
                        "Oh no: I found a JavaScript again!",
                        "Oh no: I found a JavaScript again!",
                        "Ok, ok: I am quitting.",
                        "Nobody listens: the stage is closed; send before close()");
    }

    @Test
    void generatorsCountDownAndEndExplicitly() throws InterruptedException {
        assertThat(run("Generators").lines())
                .containsExactly(
                        "2",
                        "1",
                        "0",
                        "the end: the generator is exhausted",
                        "[0, 1, 1, 2, 3, 5, 8, 13, 21, 34]");
    }

    @Test
    void grepCountsWordsOfTheNovelInOnePass() throws InterruptedException {
        var novel = MusterCommand.EXAMPLES.resolve("data/war-and-peace.txt").toString();

        assertThat(run("Grep").lines()).hasSize(3).first().asString().matches("love \\d+");
        assertThat(run("Grep", "-i", novel, "hate", "love", "hope").lines())
                .containsExactly("hate 103", "love 677", "hope 158");
    }

    @Test
    void aSharedQueueConnectsThreePrograms() throws InterruptedException {
        try (var server = start("SharedQueue", "serve", "127.0.0.1:0")) {
            server.awaitPrinted(System.lineSeparator());
            var address = server.printed().replaceFirst("serving at (\\S+)\\R", "$1");
            try (var taker = start("SharedQueue", "take", address)) {
                var put = run("SharedQueue", "put", address, "three", "short", "words");

                assertThat(put.lines()).containsExactly("all 3 words are dealt with");
                assertThat(taker.awaitEnd().lines())
                        .containsExactly(
                                "1: three has 5 letters",
                                "2: short has 5 letters",
                                "3: words has 5 letters");
            }
        }
    }

    @Nested
    class ExchangeRates {
        @Test
        void offlineTheyAreThoseThatTheRepositoryCarries() throws InterruptedException {
            var outcome = run("Currency", with("--offline"));

            assertThat(outcome.lines()).isEqualTo(RATES);
            assertThat(outcome.errors()).isEmpty();
        }

        @Test
        void comeFromTheAddressThatIsGiven() throws Exception {
            try (var bank = Bank.open("<Cube currency='USD' rate='2.5'/>")) {
                var byOption = run("Currency", "--url", bank.url(), "EURUSD", "USDEUR");
                var byVariable = run(Map.of("RATES_URL", bank.url()), "Currency", "EURUSD");

                assertThat(byOption.lines()).containsExactly("EURUSD 2.5", "USDEUR 0.4");
                assertThat(byVariable.lines()).containsExactly("EURUSD 2.5");
            }
        }

        @Test
        void ofACurrencyThatTheBankDoesNotKnowAreAnError() throws Exception {
            try (var bank = Bank.open("<Cube currency='USD' rate='2.5'/>")) {
                var outcome = run("Currency", "--url", bank.url(), "EURXXX");

                assertThat(outcome.status()).isEqualTo(1);
                assertThat(outcome.errors()).contains("'EURXXX' is no pair of these currencies");
            }
        }

        @Test
        void areTheSavedOnesWhereNobodyListens() throws Exception {
            var outcome = run("Currency", with("--url", "http://127.0.0.1:" + closedPort() + "/"));

            assertThat(outcome.lines()).isEqualTo(RATES);
            assertThat(outcome.errors().lines())
                    .singleElement()
                    .asString()
                    .contains("cannot be reached", "13 March 2026");
        }

        /// Each result is waited for 20 seconds at the most, so this fails when the program waits
        /// longer than that for the bank.
        @Test
        void areTheSavedOnesWhereTheServerNeverAnswers() throws Exception {
            try (var silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
                var url = "http://127.0.0.1:" + silent.getLocalPort() + "/rates.xml";

                var outcome = run("Currency", with("--url", url));

                assertThat(outcome.lines()).isEqualTo(RATES);
                assertThat(outcome.errors().lines())
                        .singleElement()
                        .asString()
                        .contains(url, "cannot be reached", "13 March 2026");
            }
        }

        private static String[] with(String... options) {
            var words = new ArrayList<>(List.of(options));
            words.addAll(List.of(PAIRS));
            return words.toArray(String[]::new);
        }

        private static int closedPort() throws IOException {
            try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
                return socket.getLocalPort();
            }
        }
    }

    static List<Arguments> calls() {
        return List.of(
                Arguments.of("Echo", List.of("Echo.echo", "Java rocks!"), "Java rocks!"),
                Arguments.of("Currency", List.of("Currency.rate", "GBPEUR", "offline"), "1.15603"),
                Arguments.of("MergeSort", List.of("MergeSort.sort", "[3, 1, 2]"), "[1, 2, 3]"),
                Arguments.of(
                        "WordCount", List.of("WordCount.count", "[\"b\", \"B b\"]"), "{\"b\": 3}"));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void itsTasksRunOnAWorkerElsewhere(String example, List<String> call, String printed)
            throws InterruptedException {
        var broker = Servers.redis().url();
        var queue = "examples-" + UUID.randomUUID();
        var words = new ArrayList<>(List.of("call", "-b", broker, "-q", queue, "--wait"));
        words.addAll(call);

        try (var worker =
                MusterCommand.start(
                        folder,
                        Map.of(),
                        "worker",
                        "-A",
                        file(example),
                        "-b",
                        broker,
                        "-Q",
                        queue)) {
            worker.awaitPrinted(" ready.");
            var outcome = MusterCommand.run(folder, Map.of(), words.toArray(String[]::new));

            assertThat(outcome.lines()).containsExactly(printed);
        }
    }

    /// Serves reference rates.
    private record Bank(HttpServer server) implements AutoCloseable {
        static Bank open(String cubes) throws IOException {
            var server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            var page = "<Envelope><Cube time='2026-01-02'>" + cubes + "</Cube></Envelope>";
            var body = page.getBytes(UTF_8);
            server.createContext(
                    "/",
                    exchange -> {
                        try (exchange) {
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                        }
                    });
            server.start();
            return new Bank(server);
        }

        String url() {
            return "http://127.0.0.1:%d/rates.xml".formatted(server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
