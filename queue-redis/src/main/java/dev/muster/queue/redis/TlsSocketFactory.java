package dev.muster.queue.redis;

import dev.muster.queue.spi.TlsOptions;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSocket;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/// Connects with TLS.
///
/// @param plain makes the connection that is then encrypted
/// @param connectTimeout bounds each answer of the handshake, as it is part of connecting: a port
///   without TLS may never answer
record TlsSocketFactory(
        JedisSocketFactory plain, HostAndPort address, TlsOptions tls, Duration connectTimeout)
        implements JedisSocketFactory {
    /// A server that does not want our certificate says so only after the handshake, or just hangs
    /// up.
    RedisConnection connect(JedisClientConfig config) {
        var encrypted = new AtomicBoolean();
        RedisConnection connection = null;
        try {
            connection =
                    new RedisConnection(
                            () -> {
                                var socket = createSocket();
                                encrypted.set(true);
                                return socket;
                            },
                            config);
            connection.ping();
            return connection;
        } catch (JedisConnectionException e) {
            RedisServers.close(connection);
            var reason = e.getCause() == null ? e : e.getCause();
            if (!encrypted.get() || reason instanceof SocketTimeoutException) {
                throw e;
            }
            throw new JedisConnectionException(tls.explainRefusal(reason), e);
        } catch (JedisDataException e) {
            if (connection == null) {
                throw e;
            }
            return connection; // it may not ask, but it was answered
        }
    }

    @Override
    public Socket createSocket() {
        var socket = plain.createSocket();
        try {
            var encrypted =
                    (SSLSocket)
                            tls.context()
                                    .getSocketFactory()
                                    .createSocket(
                                            socket, address.getHost(), address.getPort(), true);
            if (tls.checksHostName()) {
                var parameters = encrypted.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                encrypted.setSSLParameters(parameters);
            }
            var answerTimeout = encrypted.getSoTimeout();
            encrypted.setSoTimeout(Math.toIntExact(connectTimeout.toMillis()));
            encrypted.startHandshake();
            encrypted.setSoTimeout(answerTimeout);
            return encrypted;
        } catch (IOException e) {
            try {
                socket.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw new JedisConnectionException(tls.explain(e), e);
        }
    }
}
