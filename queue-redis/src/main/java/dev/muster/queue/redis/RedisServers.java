package dev.muster.queue.redis;

import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import dev.muster.queue.spi.TlsOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/// Where Redis is: one server, or several of which the first that answers is used (celery-wire
/// 10.2). Thread-safe.
final class RedisServers {
    static final Set<String> SCHEMES = Set.of("redis", "rediss", "redis+socket");

    private static final Logger LOG = LoggerFactory.getLogger(RedisServers.class);
    private static final int DEFAULT_PORT = 6379;

    private final ServiceUrl url;
    private final List<Server> servers;

    /// Which of the servers answered last.
    private final AtomicInteger current = new AtomicInteger();

    private RedisServers(ServiceUrl url, List<Server> servers) {
        this.url = url;
        this.servers = servers;
    }

    /// @param tls the setting that says how to use TLS with these servers, besides their URL
    /// @throws SettingsException when a URL names no database, or TLS files that cannot be read
    static RedisServers of(
            ServiceUrl url,
            Duration connectTimeout,
            Duration socketTimeout,
            Settings settings,
            Setting<Map<String, Object>> tls) {
        return new RedisServers(
                url,
                url.each().stream()
                        .map(each -> server(each, connectTimeout, socketTimeout, tls, settings))
                        .toList());
    }

    private static Server server(
            ServiceUrl url,
            Duration connectTimeout,
            Duration socketTimeout,
            Setting<Map<String, Object>> tls,
            Settings settings) {
        var database = database(url);
        var config =
                DefaultJedisClientConfig.builder()
                        .resp2()
                        .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                        .connectionTimeoutMillis(Math.toIntExact(connectTimeout.toMillis()))
                        .socketTimeoutMillis(Math.toIntExact(socketTimeout.toMillis()))
                        .user(url.user())
                        .password(url.password())
                        .database(database);
        return switch (url.scheme()) {
            case "redis+socket" -> {
                var built = config.build();
                yield new Server(new UnixSocketFactory(url.path(), built), built, database);
            }
            case "redis", "rediss" -> {
                var built = config.build();
                var address = new HostAndPort(url.hostOr("localhost"), url.portOr(DEFAULT_PORT));
                var plain = new DefaultJedisSocketFactory(address, built);
                var map = settings.get(tls);
                yield new Server(
                        TlsOptions.wanted(url, "rediss", map)
                                ? new TlsSocketFactory(
                                        plain,
                                        address,
                                        TlsOptions.of(url, tls.name(), map),
                                        connectTimeout)
                                : plain,
                        built,
                        database);
            }
            default ->
                    throw new SettingsException(
                            "%s: expected one of the schemes %s".formatted(url, SCHEMES));
        };
    }

    /// The number in the path, or for a socket in the parameter `virtual_host`.
    private static int database(ServiceUrl url) {
        var path = url.scheme().equals("redis+socket") ? "" : url.path();
        var named = url.query().getOrDefault("virtual_host", path.replaceFirst("^/+", ""));
        if (named.isEmpty() || named.equals("/")) {
            return 0;
        }
        try {
            return Integer.parseUnsignedInt(named);
        } catch (NumberFormatException e) {
            throw new SettingsException(
                    "%s: a database of Redis is a number, as in redis://localhost:6379/0, was '%s'"
                            .formatted(url, named),
                    e);
        }
    }

    /// Connects to the server that answered last or, where that is gone, to the next that answers.
    ///
    /// @throws redis.clients.jedis.exceptions.JedisException of the last one tried
    RedisConnection connect() {
        var first = current.get();
        for (var attempt = 0; ; attempt++) {
            var index = (first + attempt) % servers.size();
            var server = servers.get(index);
            try {
                var connection = server.connect();
                current.set(index);
                return connection;
            } catch (JedisConnectionException e) {
                if (attempt == servers.size() - 1) {
                    throw e;
                }
                LOG.debug("server {} of {} does not answer", index, url, e);
            }
        }
    }

    /// The number of the database, of the first server where they differ.
    int database() {
        return servers.getFirst().database();
    }

    /// Cuts a connection without a word to the server.
    static void close(@Nullable RedisConnection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.forceDisconnect();
        } catch (IOException e) {
            LOG.debug("a connection was broken when it was closed", e);
        }
    }

    /// The URL, password masked.
    @Override
    public String toString() {
        return url.toString();
    }

    private record Server(JedisSocketFactory sockets, JedisClientConfig config, int database) {
        private RedisConnection connect() {
            return sockets instanceof TlsSocketFactory tls
                    ? tls.connect(config)
                    : new RedisConnection(sockets, config);
        }
    }
}
