package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
    private final ServerSocket echo = echoServer();
    private final TcpProxy proxy = TcpProxy.before(echo.getLocalPort());

    @AfterEach
    void close() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void passesBytesBothWays() throws IOException {
        try (var client = connect()) {
            assertThat(echoed(client, 1)).isEqualTo(1);
            assertThat(echoed(client, 2)).isEqualTo(2);
        }
        assertThat(proxy.connections()).isEqualTo(1);
    }

    @Test
    void passesTheEndOfTheStream() throws IOException {
        try (var client = connect()) {
            client.getOutputStream().write(255); // the echo server hangs up

            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void cutBreaksOpenConnectionsAndAllowsNewOnes() throws IOException {
        try (var client = connect();
                var waiting = connect()) {
            echoed(client, 1);
            echoed(waiting, 1);

            proxy.cut();

            assertThatThrownBy(() -> waiting.getInputStream().read())
                    .isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
        try (var client = connect()) {
            assertThat(echoed(client, 3)).isEqualTo(3);
        }
    }

    @Test
    void refuseLetsNobodyInUntilAccept() throws IOException {
        try (var open = connect()) {
            echoed(open, 1);

            proxy.refuse();

            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            assertThat(echoed(open, 2)).isEqualTo(2);

            proxy.accept();
            try (var client = connect()) {
                assertThat(echoed(client, 3)).isEqualTo(3);
            }
        }
    }

    @Test
    void pauseHoldsBytesBackUntilResume() throws IOException {
        try (var client = connect()) {
            echoed(client, 1);
            proxy.pause();
            client.getOutputStream().write(2);
            client.setSoTimeout(200);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);

            proxy.resume();

            client.setSoTimeout(30_000);
            assertThat(client.getInputStream().read()).isEqualTo(2);
        }
    }

    @Test
    void cutEndsAPausedConnection() throws IOException {
        try (var client = connect()) {
            echoed(client, 1);
            proxy.pause();
            client.getOutputStream().write(2);

            proxy.cut();

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void delayHoldsEachPieceBack() throws IOException {
        try (var client = connect()) {
            echoed(client, 1);
            proxy.delay(Duration.ofHours(1));
            client.getOutputStream().write(2);
            client.setSoTimeout(200);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);

            proxy.delay(Duration.ZERO);

            client.setSoTimeout(30_000);
            assertThat(client.getInputStream().read()).isEqualTo(2);
        }
    }

    @Test
    void whatIsLostOnItsWayBackNeitherArrivesNorEndsTheConnection() throws IOException {
        try (var half = connect()) {
            echoed(half, 1);

            proxy.lose(Set.of(TcpProxy.Direction.TO_CLIENT));

            half.getOutputStream().write(2);
            half.getOutputStream().write(255); // the echo server hangs up
            half.setSoTimeout(500);
            assertThatThrownBy(() -> half.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
            try (var whole = connect()) {
                assertThat(echoed(whole, 3)).isEqualTo(3);
            }

            proxy.lose(Set.of(TcpProxy.Direction.TO_CLIENT));
            assertThatThrownBy(() -> half.getInputStream().read())
                    .as("what was lost before is reset")
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void theServerDoesNotHearOfTheEndOfAClientWhoseDataAreLost() throws Exception {
        try (var server = new ServerSocket(0, 50, FreePort.LOOPBACK);
                var before = TcpProxy.before(server.getLocalPort());
                var accepted = leaveSilently(before, server)) {
            accepted.setSoTimeout(500);
            assertThatThrownBy(() -> accepted.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
            for (var octet = 0; octet < 10; octet++) {
                accepted.getOutputStream().write(octet); // nobody answers with a reset
            }
        }
    }

    /// @return the server's side of a connection whose client has ended unheard
    private static Socket leaveSilently(TcpProxy before, ServerSocket server) throws IOException {
        try (var client = new Socket(FreePort.LOOPBACK, before.port())) {
            var accepted = server.accept();
            client.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
            before.lose(Set.of(TcpProxy.Direction.TO_SERVER));
            client.getOutputStream().write(2);
            return accepted;
        }
    }

    @Test
    void bandwidthIsSharedOutOverTime() throws IOException {
        try (var client = connect()) {
            echoed(client, 1);
            proxy.bandwidth(10_000);
            var start = System.nanoTime();
            client.getOutputStream().write(new byte[5_000]);

            assertThat(client.getInputStream().readNBytes(5_000)).hasSize(5_000);

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(500));
            assertThatThrownBy(() -> proxy.bandwidth(0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void standsInForTheServerInItsUrl() {
        var url = "redis://:secret@127.0.0.1:%d/0";

        assertThat(proxy.url(url.formatted(echo.getLocalPort())))
                .isEqualTo(url.formatted(proxy.port()));
        assertThatThrownBy(() -> proxy.url("redis://127.0.0.1:1/0"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Socket connect() throws IOException {
        var socket = new Socket(FreePort.LOOPBACK, proxy.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static int echoed(Socket socket, int octet) throws IOException {
        socket.getOutputStream().write(octet);
        return socket.getInputStream().read();
    }

    private static ServerSocket echoServer() {
        try {
            var server = new ServerSocket(0, 50, FreePort.LOOPBACK);
            Thread.ofVirtual().start(() -> serve(server));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                var socket = server.accept();
                Thread.ofVirtual().start(() -> echo(socket));
            } catch (IOException e) {
                return; // the test is over
            }
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            for (var octet = socket.getInputStream().read();
                    octet >= 0 && octet != 255;
                    octet = socket.getInputStream().read()) {
                socket.getOutputStream().write(octet);
            }
        } catch (IOException e) {
            // The proxy has cut the connection.
        }
    }
}
