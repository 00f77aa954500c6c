package dev.muster.queue.redis;

import dev.muster.queue.spi.TlsOptions;
import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/// Connects with TLS.
///
/// @param plain makes the connection that is then encrypted
record TlsSocketFactory(JedisSocketFactory plain, HostAndPort address, TlsOptions tls)
        implements JedisSocketFactory {
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
            encrypted.startHandshake();
            return encrypted;
        } catch (IOException e) {
            try {
                socket.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw new JedisConnectionException("TLS: " + e.getMessage(), e);
        }
    }
}
