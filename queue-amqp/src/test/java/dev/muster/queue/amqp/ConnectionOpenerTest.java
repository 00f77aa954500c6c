package dev.muster.queue.amqp;

import static dev.muster.queue.amqp.Brokers.newQueue;
import static dev.muster.queue.amqp.Brokers.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import dev.muster.testkit.Servers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionOpenerTest {
    private static final String SECRET = "s3cret";

    @ParameterizedTest
    @CsvSource({
        "amqp://h, /",
        "amqp://h/, /",
        "amqp://h//, /",
        "amqp://h/%2F, /",
        "amqp://h/x, x",
        "amqp://h//x, /x",
        "amqp://h/a%2Fb%20c, a/b c",
        "pyamqp://h/x, x"
    })
    void readsTheVirtualHostAsCeleryDoes(String url, String expected) {
        assertThat(ConnectionOpener.virtualHost(ServiceUrl.parse(url))).isEqualTo(expected);
    }

    @Test
    void connectsAsAUserWithASpecialPasswordToAVirtualHostWithASlash() {
        var server = Servers.rabbit();
        var name = "user-" + UUID.randomUUID();
        server.control("add_user", name, "p@ss/w:rd%");
        server.control("add_vhost", name + "/x");
        server.control("set_permissions", "-p", name + "/x", name, ".*", ".*", ".*");
        var url =
                "pyamqp://%s:p%%40ss%%2Fw%%3Ard%%25@127.0.0.1:%d/%s%%2Fx"
                        .formatted(name, server.port(), name);

        try (var broker = Brokers.open(url)) {
            var queue = newQueue();
            broker.declare(queue);
            broker.publish(List.of(to(queue, "m")));

            assertThat(broker.length(queue.name())).isEqualTo(1);
            assertThat(broker.description()).doesNotContain("p@ss").doesNotContain("p%40ss");
            assertThat(server.control("list_queues", "-p", name + "/x", "name"))
                    .contains(queue.name());
            assertThat(server.control("list_connections", "client_properties", "name"))
                    .contains("Muster");
        }
    }

    @Test
    void namesTheUserWhoseRightsDoNotSuffice() {
        var server = Servers.rabbit();
        var name = "user-" + UUID.randomUUID();
        server.control("add_user", name, SECRET);
        server.control("set_permissions", "-p", "/", name, "", "", "");
        var url = "amqp://%s:%s@127.0.0.1:%d".formatted(name, SECRET, server.port());

        try (var broker = Brokers.open(url)) {
            assertThatThrownBy(() -> broker.declare(newQueue()))
                    .hasMessageContaining("this user may not declare it")
                    .hasMessageContaining("rabbitmqctl set_permissions")
                    .hasMessageContaining(name)
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isFalse());
        }
    }

    @Test
    void saysWhatToDoAboutAWrongPassword() {
        failure("amqp://guest:%s@127.0.0.1:%d".formatted(SECRET, Servers.rabbit().port()), false)
                .hasMessageContaining("guest")
                .hasMessageContaining("password in broker_url");
    }

    @Test
    void saysWhatToDoAboutAnUnknownVirtualHost() {
        failure("amqp://guest:guest@127.0.0.1:%d/nowhere".formatted(Servers.rabbit().port()), false)
                .hasMessageContaining("virtual host 'nowhere'")
                .hasMessageContaining("add_vhost");
    }

    @Test
    void isTransientWhileNobodyListens() throws Exception {
        failure("amqp://guest:%s@127.0.0.1:%d".formatted(SECRET, unusedPort()), true)
                .hasMessageContaining("cannot be reached")
                .hasMessageContaining("refused");
        failure("amqp://guest:%s@no-such-host.invalid".formatted(SECRET), true)
                .hasMessageContaining("no-such-host.invalid");
    }

    @Test
    void givesUpOnAServerThatSaysNothing() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            failure("amqp://guest:%s@127.0.0.1:%d".formatted(SECRET, silent.getLocalPort()), true)
                    .hasMessageContaining("cannot be reached");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
                "-ERR unknown command\r\n",
                "AMQP\u0000\u0001\u0000\u0000",
                "SSH-2.0-OpenSSH_9.2\r\n"
            })
    void tellsAServerThatDoesNotSpeakItsProtocol(String greeting) throws Exception {
        try (var other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> greet(other, greeting));

            failure("amqp://guest:%s@127.0.0.1:%d".formatted(SECRET, other.getLocalPort()), false)
                    .hasMessageContaining("does not speak AMQP 0-9-1");
        }
    }

    private static void greet(ServerSocket server, String greeting) {
        try (var socket = server.accept()) {
            socket.getInputStream().readNBytes(8);
            socket.getOutputStream().write(greeting.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // The client hung up, as it should.
        }
    }

    @Test
    void tellsAPortWithoutTls() {
        failure("amqps://guest:%s@127.0.0.1:%d".formatted(SECRET, Servers.rabbit().port()), false)
                .hasMessageContaining("TLS");
    }

    @Test
    void refusesTlsFilesThatCannotBeRead() {
        assertThatThrownBy(() -> Brokers.open("amqps://localhost?ssl_ca_certs=/no/such/file"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("ssl_ca_certs: there is no file /no/such/file");
        assertThatThrownBy(() -> Brokers.open("amqps://localhost?ssl_cert_reqs=perhaps"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("'perhaps'");
    }

    @Test
    void goesToTheNextServerOfTheList() throws Exception {
        var list =
                "amqp://guest:%s@127.0.0.1:%d;amqp://guest:%s@127.0.0.1:%d;%s"
                        .formatted(
                                SECRET,
                                unusedPort(),
                                SECRET,
                                Servers.rabbit().port(),
                                Servers.rabbit().url());
        try (var broker = Brokers.open(list)) {
            var queue = newQueue();
            broker.declare(queue);
            broker.publish(List.of(to(queue, "m")));

            assertThat(broker.length(queue.name())).isEqualTo(1);
        }
    }

    @Test
    void isTransientWhenOneServerOfTheListMayComeBack() throws Exception {
        failure(
                "amqp://guest:%s@127.0.0.1:%d;amqp://guest:guest@127.0.0.1:%d"
                        .formatted(SECRET, Servers.rabbit().port(), unusedPort()),
                true);
    }

    private static AbstractThrowableAssert<?, ?> failure(String url, boolean isTransient) {
        var settings = Settings.DEFAULT.with("broker_connection_timeout", "2s");
        try (var broker = Brokers.open(url, settings)) {
            return assertThatThrownBy(() -> broker.length("any"))
                    .isInstanceOfSatisfying(
                            BrokerException.class,
                            e -> assertThat(e.isTransient()).isEqualTo(isTransient))
                    .hasMessageNotContaining(SECRET)
                    .satisfies(e -> assertThat(stackTrace(e)).doesNotContain(SECRET));
        }
    }

    private static String stackTrace(Throwable e) {
        var text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static int unusedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
