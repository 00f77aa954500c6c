package dev.muster.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.muster.testkit.CeleryWorker;
import dev.muster.testkit.Servers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.DatagramSocket;
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
import javax.imageio.ImageIO;
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

        assertThat(lines).hasSize(4);
        assertThat(lines.subList(0, 3)).allMatch(line -> line.matches(".* +\\d+\\.\\d\\d s"));
        assertThat(lines.get(3)).isEqualTo("all agree with Arrays.sort");
    }

    @Test
    void ordersAreRetriedUntilTheBankAnswersAndARefusalIsApologisedFor()
            throws InterruptedException {
        assertThat(run("Orders").lines())
                .containsExactly(
                        "Ada: paid 110 € at attempt 3, parcel 1001 is on its way",
                        "Mallory: the card of Mallory was refused; \"Dear Mallory, we are sorry"
                                + " about order 2.\"",
                        "Charles: paid 90 € at attempt 3, parcel 1003 is on its way");
    }

    @Test
    void mixedGoesToPythonAndBackAtEachStep() throws Exception {
        var url = Servers.redis().url(811);
        var app = Files.readString(MusterCommand.EXAMPLES.resolve("mixed_tasks.py"));

        try (var _ =
                CeleryWorker.start(
                        CeleryWorker.Options.of(app, url).withResults(url).withQueues("python"))) {
            var outcome =
                    MusterCommand.run(
                            folder, Map.of(), "run", "--worker", "-b", url, file("Mixed"));

            assertThat(outcome.lines())
                    .containsExactly("Mean 3.89, Median 4.0", "Mean 4.43, Median 4.0");
        }
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
    class OneMachine {
        @Test
        void fibPrintsTheNumbersOfThreadsAndOfProcessesWithTheirSpeedUp() throws Exception {
            var lines = run("Fib", "20", "2").lines();

            assertThat(lines.stream().filter(line -> line.startsWith("n = ")))
                    .zipSatisfy(
                            List.of("[6765]", "[6765, 6765]", "[6765]", "[6765, 6765]"),
                            (line, results) ->
                                    assertThat(line)
                                            .matches("n = \\d +\\d+\\.\\d{3} +\\d+\\.\\d\\d .*")
                                            .endsWith(" " + results));
            assertThat(lines).contains("threads       seconds speed-up");
            assertThat(lines).contains("processes     seconds speed-up");
        }

        @Test
        void futuresTellTheLifeOfACall() throws InterruptedException {
            assertThat(run("Futures", "43").lines())
                    .containsExactly(
                            "fib(43)",
                            "  running:    true",
                            "  done:       false",
                            "  at once:    time-out",
                            "  result:     433494437",
                            "  done:       true",
                            "  cancelled:  false",
                            "  state:      SUCCESS",
                            "fib(-1)",
                            "  exception:  there is no Fibonacci number -1",
                            "  state:      FAILED",
                            "fib(90), which would take years",
                            "  cancelled:  true",
                            "  state:      CANCELLED",
                            "and the next:  55");
        }

        @Test
        void primesAreToldInTheOrderOfTheNumbers() throws InterruptedException {
            assertThat(run("Primes").lines())
                    .containsExactly(
                            "112272535095293 true",
                            "112582705942171 true",
                            "112272535095293 true",
                            "115280095190773 true",
                            "115797848077099 true",
                            "1099726899285419 false");
            assertThat(run("Primes", "1", "2", "3", "4", "9", "1000000007").lines())
                    .containsExactly(
                            "1 false", "2 true", "3 true", "4 false", "9 false", "1000000007 true");
        }

        @Test
        void crawlPrintsALineForEachPageOfItsOwnSite() throws InterruptedException {
            var lines = run("Crawl").lines();

            assertThat(lines)
                    .hasSize(8)
                    .first()
                    .asString()
                    .matches("200 +\\d+ characters +3 links +http://127.0.0.1:\\d+/");
            assertThat(lines).filteredOn(line -> line.startsWith("404")).hasSize(1);
        }

        @Test
        void crawlFollowsTheLinksOfAServerAndNoneThatLeadElsewhere() throws Exception {
            var pages =
                    Map.of(
                            "/", "<a href='b/'>b</a> <A class=x HREF=\"/c?d=1\">c</A>",
                            "/b/", "<a href='far'>too far</a> <a href='/'>home</a>",
                            "/c", "<a href='http://127.0.0.1:1/'>elsewhere</a> <a href='::'>?</a>");
            try (var site = Site.open(pages)) {
                var lines = run("Crawl", site.url("/"), "1").lines();

                assertThat(lines.stream().map(line -> line.substring(line.indexOf("http"))))
                        .hasSize(3)
                        .startsWith(site.url("/"))
                        .contains(site.url("/b/"), site.url("/c?d=1"));
            }
        }

        @Test
        void crawlTellsWhatCannotBeFetched() throws Exception {
            var url = "http://127.0.0.1:%d/".formatted(closedPort());

            assertThat(run("Crawl", url).lines())
                    .singleElement()
                    .asString()
                    .startsWith("failed: " + url);
        }

        @Test
        void currencyThreadsPrintEachPairAsItComes() throws InterruptedException {
            var lines = run("CurrencyThreads", PAIRS).lines();

            assertThat(lines.subList(0, 6)).containsExactlyInAnyOrderElementsOf(RATES);
            assertThat(lines.getLast())
                    .matches("in threads \\d\\.\\d\\d s, one after the other \\d\\.\\d\\d s");
        }

        @Test
        void currencyThreadsAskTheBankThatIsGivenAndSurviveItsRefusal() throws Exception {
            try (var bank = bank("<Cube currency='USD' rate='2.5'/>")) {
                var lines =
                        run("CurrencyThreads", "--url", bank.url("/rates.xml"), "USDEUR", "EURXXX")
                                .lines();

                assertThat(lines.subList(0, 2))
                        .containsExactlyInAnyOrder(
                                "USDEUR 0.4",
                                "EURXXX failed: java.lang.IllegalArgumentException: the bank has no rate of XXX");
            }
        }

        /// One after the other, they would end in the order in which they were called.
        @Test
        void sleepersSleepAtTheSameTime() throws InterruptedException {
            assertThat(run("Sleepers", "2", "0.1", "0.2").lines())
                    .startsWith("slept 0.1 s", "slept 0.2 s", "slept 2 s")
                    .contains(
                            "computed meanwhile: 10753840",
                            "in the order of the calls: [2, 0.1, 0.2]");
        }

        @Test
        void thumbnailsAreMadeOfAllPicturesButOfThoseThatAreNone() throws Exception {
            var pictures = Files.createDirectory(folder.resolve("pictures"));
            var tall = new BufferedImage(30, 600, BufferedImage.TYPE_INT_RGB);
            ImageIO.write(tall, "png", pictures.resolve("tall.png").toFile());
            Files.writeString(pictures.resolve("broken.jpg"), "no picture");
            Files.writeString(pictures.resolve("notes.txt"), "no picture either");

            var lines = run("Thumbnails", pictures.toString()).lines();

            assertThat(lines)
                    .containsExactly(
                            "broken.jpg: %s is no picture"
                                    .formatted(pictures.resolve("broken.jpg")),
                            "1 thumbnails in " + pictures.resolve("thumbnails"));
            var thumbnail = ImageIO.read(pictures.resolve("thumbnails/tall.png.png").toFile());
            assertThat(thumbnail.getHeight()).isEqualTo(128);
            assertThat(thumbnail.getWidth()).isEqualTo(6);
        }

        @Test
        void thumbnailsDrawTheirOwnPicturesWhenNoneAreGiven() throws InterruptedException {
            var here = Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder);
            var lines = run(here, "Thumbnails", "--make", "5").lines();

            assertThat(lines).singleElement().asString().startsWith("5 thumbnails in ");
            var thumbnails = Path.of(lines.getFirst().replace("5 thumbnails in ", ""));
            assertThat(thumbnails).isDirectoryContaining("glob:**/picture-004.jpg.png");
        }
    }

    @Test
    void sumsOfPrimesComeFromAServerThatIsFound() throws Exception {
        String port;
        try (var socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            port = Integer.toString(socket.getLocalPort());
        }
        var words =
                List.of(
                        "pool",
                        "serve",
                        "--listen",
                        "127.0.0.1:0",
                        "--discovery-port",
                        port,
                        "--code-folder",
                        folder.resolve("code").toString());
        try (var server = MusterCommand.start(folder, Map.of(), words.toArray(String[]::new))) {
            server.awaitPrinted("listening at");

            var lines = run("SumPrimes", "--port", port, "--local", "0", "100", "1000").lines();

            assertThat(lines)
                    .contains(
                            "primes below 100 add up to 1060",
                            "primes below 1000 add up to 76127",
                            "all of them add up to 77187");
            assertThat(lines.getLast()).matches("127\\.0\\.0\\.1:\\d+ +ready +\\d+ +0 +2 +0 .*");
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
            try (var bank = bank("<Cube currency='USD' rate='2.5'/>")) {
                var byOption = run("Currency", "--url", bank.url("/rates.xml"), "EURUSD", "USDEUR");
                var byVariable =
                        run(Map.of("RATES_URL", bank.url("/rates.xml")), "Currency", "EURUSD");

                assertThat(byOption.lines()).containsExactly("EURUSD 2.5", "USDEUR 0.4");
                assertThat(byVariable.lines()).containsExactly("EURUSD 2.5");
            }
        }

        @Test
        void ofACurrencyThatTheBankDoesNotKnowAreAnError() throws Exception {
            try (var bank = bank("<Cube currency='USD' rate='2.5'/>")) {
                var outcome = run("Currency", "--url", bank.url("/rates.xml"), "EURXXX");

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

    /// A bank that publishes these rates.
    private static Site bank(String cubes) throws IOException {
        var page = "<Envelope><Cube time='2026-01-02'>" + cubes + "</Cube></Envelope>";
        return Site.open(Map.of("/rates.xml", page));
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /// Serves pages by their paths.
    private record Site(HttpServer server) implements AutoCloseable {
        static Site open(Map<String, String> pages) throws IOException {
            var server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        try (exchange) {
                            var page = pages.get(exchange.getRequestURI().getPath());
                            var body = (page == null ? "not here" : page).getBytes(UTF_8);
                            exchange.sendResponseHeaders(page == null ? 404 : 200, body.length);
                            exchange.getResponseBody().write(body);
                        }
                    });
            server.start();
            return new Site(server);
        }

        String url(String path) {
            return "http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path);
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
