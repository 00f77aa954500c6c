import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Task;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/// Fetches exchange rates, one task per pair of currencies, and prints them in order as the results arrive.
///
///     ./muster run examples/Currency.java EURUSD CHFUSD GBPUSD GBPEUR CADUSD CADEUR
///
/// The rates are the European Central Bank's of the day; rates between two other currencies are computed by way of the euro.
/// `--url URL`, or the variable RATES_URL, reads them from elsewhere. Where the bank cannot be reached, and with `--offline`,
/// they are those of 13 March 2026, which the repository carries.
public class Currency {
    private static final String BANK = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml";
    private static final String OFFLINE = "offline";
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /// What one euro was worth on a day, by currency, by the address that it was read from.
    private static final Map<String, Map<String, BigDecimal>> RATES = new ConcurrentHashMap<>();

    @Task
    static double rate(String pair, String source) {
        var rates = RATES.computeIfAbsent(source, Currency::load);
        var from = euroRate(rates, pair, 0, 3);
        var to = euroRate(rates, pair, 3, 6);
        return to.divide(from, new MathContext(6)).doubleValue();
    }

    private static BigDecimal euroRate(Map<String, BigDecimal> rates, String pair, int start, int end) {
        var rate = pair.length() == 6 ? rates.get(pair.substring(start, end).toUpperCase()) : null;
        if (rate == null) {
            throw new IllegalArgumentException("'%s' is no pair of these currencies: %s".formatted(pair, rates.keySet()));
        }
        return rate;
    }

    private static Map<String, BigDecimal> load(String source) {
        var saved = Path.of(System.getProperty("jdk.launcher.sourcefile", "examples/Currency.java"))
                .resolveSibling("data/eurofxref-2026-03-13.xml");
        try {
            if (!source.equals(OFFLINE)) {
                try {
                    return parse(fetch(source));
                } catch (IOException e) {
                    System.err.printf(
                            "%s cannot be reached (%s); using the rates of 13 March 2026%n", source, e.getMessage());
                }
            }
            return parse(Files.readAllBytes(saved));
        } catch (IOException e) {
            throw new IllegalStateException("no exchange rates: " + e.getMessage(), e);
        }
    }

    private static byte[] fetch(String url) throws IOException {
        var client = HttpClient.newBuilder().connectTimeout(PATIENCE).followRedirects(HttpClient.Redirect.NORMAL).build();
        CompletableFuture<HttpResponse<byte[]>> answer = null;
        try {
            var request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
            answer = client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
            var response = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("status " + response.statusCode());
            }
            return response.body();
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + PATIENCE.toSeconds() + " seconds", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getClass().getSimpleName(), e);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        } catch (IllegalArgumentException e) {
            throw new IOException("this is no HTTP address", e);
        } finally {
            if (answer != null) {
                answer.cancel(true);
            }
            client.shutdownNow();
        }
    }

    private static Map<String, BigDecimal> parse(byte[] xml) throws IOException {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var cubes = factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml)).getElementsByTagName("Cube");
            var rates = new LinkedHashMap<String, BigDecimal>();
            rates.put("EUR", BigDecimal.ONE);
            for (var index = 0; index < cubes.getLength(); index++) {
                var cube = (Element) cubes.item(index);
                if (cube.hasAttribute("currency")) {
                    rates.put(cube.getAttribute("currency"), new BigDecimal(cube.getAttribute("rate")));
                }
            }
            return rates;
        } catch (Exception e) {
            throw new IOException("no reference rates there", e);
        }
    }

    public static void main(String[] args) {
        var source = System.getenv().getOrDefault("RATES_URL", BANK);
        var pairs = new ArrayList<String>();
        for (var words = List.of(args).iterator(); words.hasNext(); ) {
            var word = words.next();
            switch (word) {
                case "--offline" -> source = OFFLINE;
                case "--url" -> source = words.hasNext() ? words.next() : BANK;
                default -> pairs.add(word);
            }
        }
        if (pairs.isEmpty()) {
            pairs.addAll(List.of("EURUSD", "CHFUSD", "GBPUSD"));
        }

        try (var muster = Muster.connect()) {
            var results = new LinkedHashMap<String, Result<Double>>();
            for (var pair : pairs) {
                results.put(pair, muster.send(call(Currency::rate, pair, source)));
            }
            results.forEach((pair, rate) -> IO.println(pair + " " + rate.get(Duration.ofSeconds(20))));
        }
    }
}
