package dev.muster.queue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.muster.queue.spi.BrokerException;
import dev.muster.testkit.RedisServer;
import dev.muster.testkit.ServerTls;
import dev.muster.testkit.TestCertificate;
import dev.muster.testkit.TlsContract;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest extends TlsContract {
    private @Nullable RedisServer server;

    @Override
    protected void start(ServerTls tls) {
        server = RedisServer.create(RedisServer.Options.DEFAULT.withTls(tls));
    }

    @Override
    protected void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected String url() {
        return Objects.requireNonNull(server, "server").tlsUrl();
    }

    @Override
    protected String results() {
        return Objects.requireNonNull(server, "server").tlsUrl();
    }

    @Override
    protected String optionPrefix() {
        return "ssl_";
    }

    @Test
    void refusesAServerWhoseCertificateHasExpired(@TempDir Path place) throws Exception {
        var authority = TestCertificate.make(place, "ca");
        var expired =
                TestCertificate.Options.of(place, "server")
                        .withIssuer("ca")
                        .withHost("localhost")
                        .withValidity(Duration.ofDays(-2), Duration.ofDays(-1))
                        .make();
        TestCertificate.Options.of(place, "client").withIssuer("ca").make();
        // One file may hold both.
        Files.writeString(
                place.resolve("both.pem"),
                Files.readString(place.resolve("client.key"))
                        + Files.readString(place.resolve("client.pem")));
        var tls = new ServerTls(expired, authority.certificate());
        try (var old = RedisServer.create(RedisServer.Options.DEFAULT.withTls(tls))) {
            var url = old.tlsUrl() + "?ssl_certfile=" + place.resolve("both.pem");
            var checked = url + "&ssl_ca_certs=" + authority.certificate();
            try (var broker = Redis.broker(checked, Map.of());
                    var unchecked = Redis.broker(url + "&ssl_cert_reqs=none", Map.of())) {
                assertThatThrownBy(() -> broker.length("q"))
                        .isInstanceOf(BrokerException.class)
                        .hasMessageContaining("has expired");
                unchecked.publish(List.of(Redis.to("q", "x".repeat(1_000_000))));
                assertThat(unchecked.length("q")).isEqualTo(1);
            }
        }
    }

    @Test
    void aPortThatDoesNotAnswerTheHandshakeIsGivenUpAfterTheTimeToConnect() throws Exception {
        // The system accepts the connection, and nobody reads it.
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var broker =
                        Redis.broker(
                                "rediss://127.0.0.1:" + silent.getLocalPort(),
                                Map.of("socket_timeout", 600, "socket_connect_timeout", 0.2))) {
            assertTimeoutPreemptively(
                    Redis.PATIENCE,
                    () ->
                            assertThatThrownBy(() -> broker.length("q"))
                                    .isInstanceOf(BrokerException.class)
                                    .hasMessageContaining("is this a TLS port?"));
        }
    }

    @Test
    void aServerThatIsAwayIsNotSaidToWantACertificate() {
        var url = "rediss://localhost:1/0?ssl_cert_reqs=none";
        try (var broker = Redis.broker(url, Map.of())) {
            assertThatThrownBy(() -> broker.length("q"))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("cannot be reached")
                    .hasMessageNotContaining("certificate");
        }
    }

    @Test
    void aUserThatMayNotPingIsServed(@TempDir Path place) throws Exception {
        var own = TestCertificate.make(place, "both");
        var tls = new ServerTls(own, own.certificate());
        try (var guarded = RedisServer.create(RedisServer.Options.DEFAULT.withTls(tls))) {
            guarded.command("ACL", "SETUSER", "quiet", "on", ">secret", "~*", "+@all", "-ping");
            var url =
                    guarded.tlsUrl().replace("localhost", "quiet:secret@localhost")
                            + "?ssl_cert_reqs=none&ssl_certfile=%s&ssl_keyfile=%s"
                                    .formatted(own.certificate(), own.key());
            try (var broker = Redis.broker(url, Map.of())) {
                assertThat(broker.length("q")).isZero();
            }
        }
    }
}
