import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.parallel.JoinableQueue;
import dev.muster.parallel.Pool;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// Exchange rates, one thread for each pair of currencies. The threads put what they have found on a queue, and the
/// main thread takes it from there as it comes. Then the same, one pair after the other.
///
///     ./muster run examples/CurrencyThreads.java EURUSD CHFUSD GBPUSD
///     ./muster run examples/CurrencyThreads.java --url https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml
///
/// Without an address, the program serves the rates of 13 March 2026 itself, as slowly as a server far away.
public class CurrencyThreads {
    private static final List<String> PAIRS = List.of("EURUSD", "CHFUSD", "GBPUSD");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration FAR_AWAY = Duration.ofMillis(300);

    /// What a thread has found out.
    sealed interface Answer {
        String pair();

        record Rate(String pair, BigDecimal value) implements Answer {}

        record Failure(String pair, Exception cause) implements Answer {}
    }

    static Answer ask(HttpClient client, URI bank, String pair) throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(bank).timeout(PATIENCE).build();
            var rates = client.send(request, BodyHandlers.ofString()).body();
            var to = euroRate(rates, pair.substring(3));
            return new Answer.Rate(pair, to.divide(euroRate(rates, pair.substring(0, 3)), new MathContext(6)));
        } catch (IOException | RuntimeException e) {
            return new Answer.Failure(pair, e); // the queue waits for an answer, whatever it is
        }
    }

    private static BigDecimal euroRate(String rates, String currency) {
        if (currency.equals("EUR")) {
            return BigDecimal.ONE;
        }
        var rate = Pattern.compile("currency=.%s. rate=.([.\\d]+)".formatted(Pattern.quote(currency))).matcher(rates);
        if (!rate.find()) {
            throw new IllegalArgumentException("the bank has no rate of " + currency);
        }
        return new BigDecimal(rate.group(1));
    }

    private static void print(Answer answer) {
        switch (answer) {
            case Answer.Rate(var pair, var value) ->
                IO.println(pair + " " + value.stripTrailingZeros().toPlainString());
            case Answer.Failure(var pair, var cause) -> IO.println(pair + " failed: " + cause);
        }
    }

    static void inThreads(HttpClient client, URI bank, List<String> pairs) throws InterruptedException {
        try (var threads = Pool.threads(pairs.size());
                JoinableQueue<Answer> answers = JoinableQueue.bounded(pairs.size())) {
            for (var pair : pairs) {
                threads.run(() -> answers.put(ask(client, bank, pair)));
            }
            for (var taken = 0; taken < pairs.size(); taken++) {
                print(answers.take());
                answers.taskDone();
            }
            answers.join();
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        var ownBank = args.length < 2 || !args[0].equals("--url");
        var pairs = List.of(args).subList(ownBank ? 0 : 2, args.length);
        try (var client = HttpClient.newHttpClient();
                var threads = Pool.virtual()) {
            if (!ownBank) {
                compare(client, URI.create(args[1]), pairs.isEmpty() ? PAIRS : pairs);
                return;
            }
            var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", CurrencyThreads::serve);
            server.start();
            try {
                var bank = URI.create("http://127.0.0.1:%d/".formatted(server.getAddress().getPort()));
                compare(client, bank, pairs.isEmpty() ? PAIRS : pairs);
            } finally {
                server.stop(0);
            }
        }
    }

    private static void compare(HttpClient client, URI bank, List<String> pairs) throws InterruptedException {
        ask(client, bank, pairs.getFirst()); // the first request loads what all use
        var start = System.nanoTime();
        inThreads(client, bank, pairs);
        var parallel = System.nanoTime() - start;

        start = System.nanoTime();
        for (var pair : pairs) {
            ask(client, bank, pair);
        }
        IO.println("in threads %.2f s, one after the other %.2f s"
                .formatted(parallel / 1e9, (System.nanoTime() - start) / 1e9));
    }

    private static void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var source = Path.of(System.getProperty("jdk.launcher.sourcefile", "examples/CurrencyThreads.java"));
            var rates = Files.readAllBytes(source.resolveSibling("data/eurofxref-2026-03-13.xml"));
            Thread.sleep(FAR_AWAY);
            exchange.sendResponseHeaders(200, rates.length);
            exchange.getResponseBody().write(rates);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
