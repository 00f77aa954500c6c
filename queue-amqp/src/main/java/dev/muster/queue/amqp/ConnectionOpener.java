package dev.muster.queue.amqp;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ListAddressResolver;
import com.rabbitmq.client.SocketConfigurators;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.TlsOptions;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Opens connections to the first server of a failover list that answers, beginning with the one
/// that answered last. Thread-safe.
final class ConnectionOpener {
    /// A question to the server that stays unanswered for longer means that it is gone.
    private static final int ANSWER_TIMEOUT_MILLIS = 30_000;

    /// The worker refuses large bodies by its own, lower limit. With the client's limit of 64 MB
    /// one such message would break the connection, return to its queue and break the next one.
    private static final int MAX_BODY_BYTES = 512 << 20;

    private static final int LINGER_SECONDS = 1;

    private final String description;
    private final List<Server> servers;
    private final AtomicInteger current = new AtomicInteger();

    /// @throws dev.muster.queue.spi.SettingsException when the URL makes no sense
    ConnectionOpener(ServiceUrl url, Settings settings) {
        this.description = url.toString();
        this.servers = url.each().stream().map(one -> server(one, settings)).toList();
    }

    private static Server server(ServiceUrl url, Settings settings) {
        var map = settings.get(Setting.BROKER_USE_SSL);
        var tls =
                TlsOptions.wanted(url, "amqps", map)
                        ? TlsOptions.of(url, Setting.BROKER_USE_SSL.name(), map)
                        : null;
        return new Server(url, virtualHost(url), factory(url, settings, tls), tls);
    }

    private record Server(
            ServiceUrl url,
            String virtualHost,
            TolerantConnectionFactory factory,
            @Nullable TlsOptions tls) {
        private Address address() {
            return new Address(factory.getHost(), factory.getPort());
        }

        /// What makes a connection: with TLS one of its own, as its files may have changed.
        private ConnectionFactory current() {
            return tls == null ? factory : factory.with(tls);
        }
    }

    /// Where the broker is, without password.
    String description() {
        return description;
    }

    /// @param purpose what the connection is for; operators see it in `rabbitmqctl
    ///   list_connections`
    /// @throws BrokerException transient when at least one server may answer later
    Connection open(String purpose) {
        BrokerException failure = null;
        var first = current.get();
        for (var attempt = 0; attempt < servers.size(); attempt++) {
            var index = (first + attempt) % servers.size();
            try {
                var connection = open(servers.get(index), purpose);
                current.set(index);
                return connection;
            } catch (BrokerException e) {
                failure = worthMore(failure, e);
            }
        }
        throw failure == null ? BrokerException.unreachable(description, null) : failure;
    }

    /// Of two failures the one that gives hope; otherwise the first.
    private static BrokerException worthMore(
            @Nullable BrokerException former, BrokerException latter) {
        if (former == null) {
            return latter;
        }
        var better = latter.isTransient() && !former.isTransient() ? latter : former;
        better.addSuppressed(better == former ? latter : former);
        return better;
    }

    private static Connection open(Server server, String purpose) {
        try {
            return server.current()
                    .newConnection(
                            new SameThreadExecutor(),
                            new ListAddressResolver(List.of(server.address())),
                            "muster %s, process %d"
                                    .formatted(purpose, ProcessHandle.current().pid()));
        } catch (IOException | TimeoutException | RuntimeException e) {
            throw Failures.ofConnecting(e, server.url, server.virtualHost, server.tls);
        }
    }

    private static TolerantConnectionFactory factory(
            ServiceUrl url, Settings settings, @Nullable TlsOptions tls) {
        var factory = new TolerantConnectionFactory();
        factory.setHost(url.hostOr("localhost"));
        factory.setPort(
                url.portOr(
                        tls != null
                                ? ConnectionFactory.DEFAULT_AMQP_OVER_SSL_PORT
                                : ConnectionFactory.DEFAULT_AMQP_PORT));
        factory.setVirtualHost(virtualHost(url));
        factory.setUsername(Optional.ofNullable(url.user()).orElse(ConnectionFactory.DEFAULT_USER));
        factory.setPassword(url.secret().orElse(ConnectionFactory.DEFAULT_PASS));
        var timeout = Math.toIntExact(settings.get(Setting.BROKER_CONNECTION_TIMEOUT).toMillis());
        factory.setConnectionTimeout(timeout);
        factory.setHandshakeTimeout(timeout);
        factory.setChannelRpcTimeout(ANSWER_TIMEOUT_MILLIS);
        factory.setRequestedHeartbeat(
                Math.toIntExact(settings.get(Setting.BROKER_HEARTBEAT).toSeconds()));
        factory.setMaxInboundMessageBodySize(MAX_BODY_BYTES);
        // As the client does before it closes: with TLS, cutting a connection waits no longer for
        // a thread that is blocked in writing.
        factory.setSocketConfigurator(
                SocketConfigurators.defaultConfigurator()
                        .andThen(socket -> socket.setSoLinger(true, LINGER_SECONDS)));
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setExceptionHandler(new QuietExceptionHandler());
        factory.setThreadFactory(task -> {
            var thread = new Thread(task, "amqp-io");
            thread.setDaemon(true);
            return thread;
        });
        var properties = new HashMap<>(factory.getClientProperties());
        properties.keySet().retainAll(List.of("capabilities", "platform"));
        properties.put("product", "Muster");
        factory.setClientProperties(properties);
        return factory;
    }

    /// No path, `/` and `//` mean the virtual host `/`; `/x` means `x` (celery-wire 10.2).
    static String virtualHost(ServiceUrl url) {
        var name = url.path().startsWith("/") ? url.path().substring(1) : url.path();
        return name.isEmpty() ? "/" : ServiceUrl.decode(name);
    }
}
