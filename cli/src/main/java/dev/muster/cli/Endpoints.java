package dev.muster.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.parallel.wire.Addresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a process tells over HTTP about itself: small answers to GET, for probes and monitors.
/// Thread-safe.
final class Endpoints implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
    private static final List<String> READING = List.of("GET", "HEAD");

    /// Connections that wait to be accepted.
    private static final int BACKLOG = 32;

    private static final int THREADS = 4;
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Map<String, Supplier<Answer>> answers = new ConcurrentHashMap<>();

    private Endpoints(HttpServer server) {
        this.server = server;
        // Not virtual threads: tasks that keep all carriers busy must not make probes fail.
        this.threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        IDLE.toSeconds(),
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("http-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
    }

    /// What is sent back.
    ///
    /// @param type its media type
    record Answer(int status, String type, String body) {
        static Answer json(int status, Map<String, ?> body) {
            return new Answer(status, "application/json", Printer.text(body) + "\n");
        }
    }

    /// Takes the address, so that it is known whether it can be had. Nobody is answered before
    /// [#start].
    ///
    /// @throws CommandException when it cannot be had
    static Endpoints bind(InetSocketAddress address) {
        configure();
        try {
            return new Endpoints(HttpServer.create(address, BACKLOG));
        } catch (IOException e) {
            throw CommandException.failed(
                    "%s cannot be listened at: %s; --http takes another port, or 0 for any that is free"
                            .formatted(
                                    Addresses.text(address),
                                    address.isUnresolved()
                                            ? "there is no such host"
                                            : e.getMessage()),
                    e);
        }
    }

    /// The limits of the JDK's server, which are system properties, in seconds. What the user has
    /// set stays.
    private static void configure() {
        var properties =
                Map.of(
                        "sun.net.httpserver.nodelay", "true",
                        "sun.net.httpserver.maxReqTime", "5",
                        "sun.net.httpserver.maxRspTime", "10",
                        "jdk.httpserver.maxConnections", "64");
        properties.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
    }

    /// Answers GET at a path, on any of several threads.
    Endpoints with(String path, Supplier<Answer> answer) {
        answers.put(path, answer);
        return this;
    }

    Endpoints start() {
        server.start();
        return this;
    }

    /// Where it listens.
    String url() {
        return "http://" + Addresses.text(server.getAddress());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var answer = answer(exchange.getRequestMethod(), exchange.getRequestURI().getPath());
            var body = answer.body().getBytes(StandardCharsets.UTF_8);
            var headers = exchange.getResponseHeaders();
            headers.set("Content-Type", answer.type());
            headers.set("Cache-Control", "no-store");
            if (answer.status() == 405) {
                headers.set("Allow", String.join(", ", READING));
            }
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(answer.status(), -1);
            } else {
                exchange.sendResponseHeaders(answer.status(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Answer answer(String method, @Nullable String path) {
        var found = path == null ? null : answers.get(path);
        if (found == null) {
            return error(404, "there is nothing here; there is " + String.join(", ", paths()));
        }
        if (!READING.contains(method)) {
            return error(405, "this can only be read, with GET");
        }
        try {
            return found.get();
        } catch (RuntimeException e) {
            LOG.error("no answer to {} {}", method, path, e);
            return error(500, "there is no answer; the log of the process says why");
        }
    }

    private List<String> paths() {
        return answers.keySet().stream().sorted().toList();
    }

    private static Answer error(int status, String message) {
        return Answer.json(status, Map.of("error", message));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
