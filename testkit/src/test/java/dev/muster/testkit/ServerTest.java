package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerTest {
    /// A kind of server, with a way to leave a mark in its data.
    record Kind<S extends SandboxedServer>(
            String name, Supplier<S> opener, Consumer<S> mark, Predicate<S> marked) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind<?>> kinds() {
        return Stream.of(
                new Kind<>(
                        "Redis",
                        RedisServer::create,
                        redis -> redis("SET", redis, "mark", "there"),
                        redis -> "there".equals(redis("GET", redis, "mark"))),
                new Kind<>(
                        "durable Redis with a password",
                        () ->
                                RedisServer.create(
                                        RedisServer.Options.DEFAULT
                                                .withDurable()
                                                .withPassword("se cret")),
                        redis -> redis("SET", redis, "mark", "there"),
                        redis -> "there".equals(redis("GET", redis, "mark"))),
                new Kind<>(
                        "RabbitMQ",
                        RabbitServer::create,
                        rabbit -> rabbit.control("add_vhost", "mark"),
                        rabbit -> rabbit.control("list_vhosts").lines().anyMatch("mark"::equals)),
                new Kind<>(
                        "PostgreSQL",
                        PostgresServer::create,
                        postgres -> sql(postgres, "CREATE TABLE mark AS SELECT 42 AS answer"),
                        postgres -> sql(postgres, "SELECT answer FROM mark").contains("42")),
                new Kind<>(
                        "durable PostgreSQL",
                        PostgresServer::createDurable,
                        postgres -> sql(postgres, "CREATE TABLE mark AS SELECT 42 AS answer"),
                        postgres -> sql(postgres, "SELECT answer FROM mark").contains("42")));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <S extends SandboxedServer> void keepsPortAndDataAndLeavesNothingBehind(Kind<S> kind) {
        var server = kind.opener.get();
        var url = server.url();
        try {
            kind.mark.accept(server);

            server.restart();
            assertThat(kind.marked).as("mark after a restart").accepts(server);

            server.kill();
            assertThat(server.isRunning()).isFalse();
            assertThat(isListening(server)).isFalse();

            server.start();
            assertThat(kind.marked).as("mark after a kill").accepts(server);
            assertThat(server.url()).isEqualTo(url);
        } finally {
            server.close();
        }

        assertThat(isListening(server)).isFalse();
        assertThat(server.sandbox.folder()).doesNotExist();
        assertThat(processesIn(server)).isEmpty();
        server.close();
    }

    @Test
    void nothingIsLeftWhenTheTestRunIsKilled() throws IOException {
        var java = ProcessHandle.current().info().command().orElseThrow();
        var process =
                new ProcessBuilder(
                                java,
                                "-cp",
                                System.getProperty("java.class.path"),
                                AbortedRun.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var lines = process.inputReader()) {
            var port = Integer.parseInt(lines.readLine());
            var folder = Path.of(lines.readLine());
            assertThat(Probe.succeeds(port, _ -> true)).isTrue();

            process.destroyForcibly();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> {
                        assertThat(Probe.succeeds(port, _ -> true)).isFalse();
                        assertThat(folder).doesNotExist();
                    });
        } finally {
            process.destroyForcibly();
        }
    }

    /// Starts a server and tells where it is.
    static final class AbortedRun {
        private AbortedRun() {}

        static void main() throws IOException {
            var server = RedisServer.create();
            IO.println(server.port());
            IO.println(server.sandbox.folder());
            System.in.read();
        }
    }

    @Test
    void redisListensOnAUnixSocket() {
        var server = Servers.redis();

        assertThat(Files.exists(server.socket())).isTrue();
        assertThat(server.socketUrl()).isEqualTo("redis+socket://" + server.socket());
    }

    @Test
    void theSharedServerIsOne() {
        assertThat(Servers.redis()).isSameAs(Servers.redis());
    }

    @Test
    void aMissingProgramNamesItsPackage() {
        assertThatThrownBy(() -> Program.at("/usr/bin/no-such-server", "some-server"))
                .hasMessageContaining("/usr/bin/no-such-server")
                .hasMessageContaining("apt-get install some-server");
    }

    private static boolean isListening(Server server) {
        return Probe.succeeds(server.port(), _ -> true);
    }

    /// Programs whose command line or environment names the server's folder; reading the latter
    /// finds Erlang's helpers.
    private static List<String> processesIn(SandboxedServer server) {
        var folder = server.sandbox.folder().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        var proc = Path.of("/proc/" + process.pid());
                        return Files.readString(proc.resolve("cmdline"), ISO_8859_1)
                                        .contains(folder)
                                || Files.readString(proc.resolve("environ"), ISO_8859_1)
                                        .contains(folder);
                    } catch (IOException e) {
                        return false; // gone, or another user's
                    }
                })
                .map(process -> process.info().commandLine().orElse("process " + process.pid()))
                .toList();
    }

    private static String redis(String verb, RedisServer server, String... words) {
        try {
            return String.valueOf(
                    server.command(
                            Stream.concat(Stream.of(verb), Stream.of(words))
                                    .toArray(String[]::new)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sql(PostgresServer server, String statement) {
        var outcome =
                Command.run(
                        server.sandbox,
                        List.of(
                                "/usr/bin/psql",
                                "--no-psqlrc",
                                "-v",
                                "ON_ERROR_STOP=1",
                                "-d",
                                server.url(),
                                "-c",
                                statement),
                        Map.of(),
                        Duration.ofMinutes(1));
        assertThat(outcome.exitStatus()).as(outcome.errors()).isZero();
        return outcome.output();
    }
}
