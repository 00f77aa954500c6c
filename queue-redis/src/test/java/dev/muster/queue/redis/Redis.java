package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Opens brokers and stores as an application does, by URL, and looks into Redis.
///
/// @param number of a database of the shared server, which each test has for itself
record Redis(int number) {
    /// The key that stays for some seconds after the last consumer of a database.
    static final String SIGN_OF_LIFE = "muster.delayed.alive";

    /// Long enough that only a defect lets it pass.
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final AtomicInteger DATABASES = new AtomicInteger(1);

    /// A database that no other test uses.
    static Redis database() {
        return new Redis(DATABASES.incrementAndGet());
    }

    String url() {
        return Servers.redis().url(number);
    }

    Broker broker(Map<String, Object> options) {
        return broker(url(), options);
    }

    /// A broker on the shared server.
    static Broker broker() {
        return broker(Servers.redis().url(), Map.of());
    }

    static Broker broker(String url, Map<String, Object> options) {
        var settings = Settings.DEFAULT.with("broker_transport_options", options);
        return broker(url, Environment.of(settings));
    }

    static Broker broker(String url, Environment environment) {
        var parsed = ServiceUrl.parse(url);
        return ServiceLoader.load(BrokerProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains(parsed.scheme()))
                .findAny()
                .orElseThrow()
                .open(parsed, environment);
    }

    static ResultStore store(String url, Settings settings) {
        var parsed = ServiceUrl.parse(url);
        var environment = Environment.of(settings);
        return ServiceLoader.load(ResultStoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains(parsed.scheme()))
                .findAny()
                .orElseThrow()
                .open(parsed, environment, broker(url, environment));
    }

    /// Runs a command in this database; an array is joined by newlines.
    @Nullable String command(String... words) {
        try (var connection = connection()) {
            return text(connection.call(Command.of(words[0], (Object[]) arguments(words))));
        }
    }

    private static String[] arguments(String... words) {
        return Arrays.copyOfRange(words, 1, words.length);
    }

    RedisConnection connection() {
        return servers(ServiceUrl.parse(url())).connect();
    }

    private static @Nullable String text(@Nullable Object answer) {
        return switch (answer) {
            case null -> null;
            case byte[] bytes -> new String(bytes, UTF_8);
            case List<?> items -> String.join("\n", items.stream().map(Redis::text).toList());
            default -> answer.toString();
        };
    }

    static Message message(String text) {
        return new Message(
                text.getBytes(UTF_8), "text/plain", "utf-8", Map.of(), Message.Properties.DEFAULT);
    }

    static Publication to(String queue, String text) {
        return new Publication("", queue, message(text));
    }

    static String body(Delivery delivery) {
        return new String(delivery.message().body(), UTF_8);
    }

    /// Takes this many, and leaves them unsettled.
    static List<Delivery> take(Consumer consumer, int count) {
        var taken = new ArrayList<Delivery>();
        while (taken.size() < count) {
            var more = consumer.take(count - taken.size(), PATIENCE);
            if (more.isEmpty()) {
                throw new AssertionError("only %d of %d arrived".formatted(taken.size(), count));
            }
            taken.addAll(more);
        }
        return taken;
    }

    /// A program of this project in a JVM of its own.
    static Process java(Class<?> program, String... arguments) {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RedisServers servers(ServiceUrl url) {
        return RedisServers.of(url, PATIENCE, PATIENCE, Settings.DEFAULT, Setting.BROKER_USE_SSL);
    }
}
