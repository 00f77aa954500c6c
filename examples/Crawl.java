import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.parallel.Pool;
import dev.muster.parallel.PoolFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

/// Fetches a page, the pages that it links to, and so on, several at a time. Prints a line for each page when it
/// is there. Links to other servers are not followed.
///
///     ./muster run examples/Crawl.java                            # a small site that the program serves itself
///     ./muster run examples/Crawl.java http://localhost:8080/ 3   # up to 3 links away
public class Crawl {
    private static final Pattern LINK = Pattern.compile("<a\\s[^>]*?href\\s*=\\s*[\"']([^\"'#]+)", Pattern.CASE_INSENSITIVE);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int AT_ONCE = 8;

    record Page(URI address, int status, int size, Set<URI> links) {
        @Override
        public String toString() {
            return "%d %7d characters %3d links  %s".formatted(status, size, links.size(), address);
        }
    }

    static Page fetch(HttpClient client, URI address) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
        var response = client.send(request, BodyHandlers.ofString());
        var text = response.body();
        return new Page(address, response.statusCode(), text.length(), links(address, text));
    }

    static Set<URI> links(URI page, String text) {
        var links = new LinkedHashSet<URI>();
        LINK.matcher(text).results().forEach(found -> {
            try {
                var link = page.resolve(found.group(1).strip());
                if (page.getAuthority().equals(link.getAuthority()) && page.getScheme().equals(link.getScheme())) {
                    links.add(link);
                }
            } catch (IllegalArgumentException e) {
                // People write anything there; what is no address leads nowhere.
            }
        });
        return links;
    }

    static void crawl(URI first, int depth) {
        try (var client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
                var pool = Pool.virtual(AT_ONCE)) {
            var seen = new HashSet<>(Set.of(first));
            var next = List.of(first);
            for (var distance = 0; distance <= depth && !next.isEmpty(); distance++) {
                var fetched = new LinkedHashMap<PoolFuture<Page>, URI>();
                next.forEach(address -> fetched.put(pool.submit(Crawl::fetch, client, address), address));
                next = new ArrayList<>();
                for (var page : Pool.asCompleted(fetched.keySet())) {
                    if (page.state() == Future.State.SUCCESS) {
                        IO.println(page.resultNow());
                        page.resultNow().links().stream().filter(seen::add).forEach(next::add);
                    } else {
                        IO.println("failed: %s (%s)".formatted(fetched.get(page), page.exceptionNow()));
                    }
                }
            }
        }
    }

    public static void main(String[] args) throws IOException {
        var depth = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        if (args.length > 0) {
            crawl(URI.create(args[0]), depth);
            return;
        }
        try (var threads = Pool.virtual()) {
            var site = Site.open(threads);
            try {
                crawl(site.address(), depth);
            } finally {
                site.server().stop(0);
            }
        }
    }

    /// A small site with a dead link, whose pages take different times.
    private record Site(HttpServer server) {
        private static final Map<String, List<String>> LINKS = Map.of(
                "/", List.of("pipelines", "pools", "queues"),
                "/pools", List.of("threads", "processes", "/"),
                "/queues", List.of("pools", "pipes", "https://example.com/"),
                "/pipelines", List.of("generators"),
                "/generators", List.of("/"),
                "/threads", List.of(),
                "/processes", List.of("threads"));

        static Site open(Pool threads) throws IOException {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", Site::answer);
            server.start();
            return new Site(server);
        }

        URI address() {
            return URI.create("http://127.0.0.1:%d/".formatted(server.getAddress().getPort()));
        }

        private static void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                var path = exchange.getRequestURI().getPath();
                var links = LINKS.get(path);
                var page = new StringBuilder("<h1>%s</h1>".formatted(path));
                if (links != null) {
                    links.forEach(link -> page.append("%n<a href='%s'>%s</a>".formatted(link, link)));
                }
                Thread.sleep(20L * path.length());
                var body = page.toString().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(links == null ? 404 : 200, body.length);
                exchange.getResponseBody().write(body);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
