package dev.muster.queue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.SettingsException;
import dev.muster.testkit.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    /// The server asks for a certificate, too, as is its default.
    @Test
    void encryptsAndChecksBothSides(@TempDir Path folder) throws Exception {
        var certificate = folder.resolve("certificate.pem");
        var key = folder.resolve("key.pem");
        makeCertificate(certificate, key);
        var port = freePort();
        var options =
                RedisServer.Options.DEFAULT.withArguments(
                        "--tls-port",
                        Integer.toString(port),
                        "--tls-cert-file",
                        certificate.toString(),
                        "--tls-key-file",
                        key.toString(),
                        "--tls-ca-cert-file",
                        certificate.toString());
        var url =
                "rediss://localhost:%d/0?ssl_certfile=%s&ssl_keyfile=%s"
                        .formatted(port, certificate, key);
        try (var server = RedisServer.create(options)) {
            for (var trust :
                    List.of(
                            "&ssl_cert_reqs=required&ssl_ca_certs=" + certificate,
                            "&ssl_cert_reqs=CERT_NONE")) {
                try (var broker = Redis.broker(url + trust, Map.of())) {
                    broker.publish(List.of(Redis.to("q", "x".repeat(1_000_000))));
                }
            }
            assertThat(server.command("LLEN", "q")).isEqualTo("2");

            // One file may hold both.
            var both = folder.resolve("both.pem");
            Files.writeString(both, Files.readString(key) + Files.readString(certificate));
            var single =
                    "rediss://localhost:%d/0?ssl_certfile=%s&ssl_ca_certs=%s"
                            .formatted(port, both, certificate);
            try (var broker = Redis.broker(single, Map.of())) {
                assertThat(broker.length("q")).isEqualTo(2);
            }

            // The JDK does not know who signed it.
            try (var broker = Redis.broker(url, Map.of())) {
                assertThatThrownBy(() -> broker.length("q"))
                        .isInstanceOf(BrokerException.class)
                        .hasMessageContaining("TLS: ");
            }
            // Signed by whom we trust, for another host.
            var elsewhere = url.replace("localhost", "127.0.0.1") + "&ssl_ca_certs=" + certificate;
            try (var broker = Redis.broker(elsewhere, Map.of());
                    var unchecked =
                            Redis.broker(elsewhere + "&ssl_check_hostname=false", Map.of())) {
                assertThatThrownBy(() -> broker.length("q")).isInstanceOf(BrokerException.class);
                assertThat(unchecked.length("q")).isEqualTo(2);
            }
        }
    }

    @Test
    void namesTheFileThatCannotBeRead() {
        assertThatThrownBy(() ->
                        Redis.broker(
                                "rediss://:secret@localhost?ssl_ca_certs=/no/such.pem", Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("/no/such.pem")
                .hasMessageNotContaining("secret");
    }

    private static void makeCertificate(Path certificate, Path key) throws Exception {
        var command =
                List.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-addext",
                        "subjectAltName=DNS:localhost",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString());
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(Files.exists(certificate)).isTrue();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
