package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Redis server (Debian package `redis-server`). It logs every write to a file, so that its data
/// survive [#restart()] and [#kill()].
public final class RedisServer extends SandboxedServer {
    private final Options options;
    private final int tlsPort = FreePort.next();

    private RedisServer(Options options) {
        super("redis");
        this.options = options;
    }

    /// How the server is set up.
    ///
    /// @param durable whether a write is on the disk (`appendfsync always`) before it is answered;
    ///   otherwise it is with the operating system, which is enough to survive a killed server
    /// @param password that clients must give; null for none
    /// @param tls how it speaks TLS, on a port of its own; null for not at all
    /// @param folder of its data; null for one of its own
    /// @param arguments further options as on the command line of `redis-server`, for example
    ///   `--maxmemory`, `1mb`
    public record Options(
            boolean durable,
            @Nullable String password,
            @Nullable ServerTls tls,
            @Nullable Path folder,
            List<String> arguments) {
        /// Not durable, no password.
        public static final Options DEFAULT = new Options(false, null, null, null, List.of());

        public Options {
            arguments = List.copyOf(arguments);
        }

        public Options withDurable() {
            return new Options(true, password, tls, folder, arguments);
        }

        public Options withPassword(String value) {
            return new Options(durable, value, tls, folder, arguments);
        }

        public Options withArguments(String... values) {
            return new Options(durable, password, tls, folder, List.of(values));
        }

        public Options withTls(ServerTls value) {
            return new Options(durable, password, value, folder, arguments);
        }

        /// Has its data on that disk.
        public Options withDisk(SmallDisk value) {
            return new Options(durable, password, tls, value.path(), arguments);
        }
    }

    /// Starts a server of one's own; [Servers#redis()] is the shared one.
    public static RedisServer create() {
        return create(Options.DEFAULT);
    }

    public static RedisServer create(Options options) {
        return started(new RedisServer(options));
    }

    /// `redis://:password@127.0.0.1:port/0`.
    @Override
    public String url() {
        return url(0);
    }

    /// The URL of one of the server's 1,000 databases. Publish/subscribe channels are common to
    /// all.
    public String url(int database) {
        return "redis://%s127.0.0.1:%d/%d".formatted(userInfo(), port(), database);
    }

    /// `rediss://localhost:port/0`, for a server with [Options#withTls].
    public String tlsUrl() {
        return "rediss://%slocalhost:%d/0".formatted(userInfo(), tlsPort);
    }

    /// The Unix socket on which the server listens as well.
    public Path socket() {
        return sandbox.path("redis.sock");
    }

    /// `redis+socket://:password@/path/redis.sock`, as Celery writes it.
    public String socketUrl() {
        return "redis+socket://%s%s".formatted(userInfo(), socket());
    }

    private String userInfo() {
        return options.password == null
                ? ""
                : ":" + URLEncoder.encode(options.password, UTF_8) + "@";
    }

    @Override
    Process launch(String logName) {
        var command = new ArrayList<String>();
        command.add(Program.at("/usr/bin/redis-server", "redis-server"));
        command.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port())));
        command.addAll(List.of("--unixsocket", socket().toString()));
        var folder = options.folder == null ? sandbox.folder() : options.folder;
        command.addAll(List.of("--dir", folder.toString()));
        command.addAll(List.of("--databases", "1000", "--save", ""));
        command.addAll(List.of("--appendonly", "yes", "--auto-aof-rewrite-percentage", "0"));
        command.addAll(List.of("--appendfsync", options.durable ? "always" : "no"));
        if (options.password != null) {
            command.addAll(List.of("--requirepass", options.password));
        }
        if (options.tls != null) {
            var own = options.tls.own();
            command.addAll(List.of("--tls-port", Integer.toString(tlsPort)));
            command.addAll(List.of("--tls-cert-file", own.certificate().toString()));
            command.addAll(List.of("--tls-key-file", own.key().toString()));
            command.addAll(List.of("--tls-ca-cert-file", options.tls.authority().toString()));
            command.addAll(List.of("--tls-auth-clients", "yes"));
        }
        command.addAll(options.arguments);
        return sandbox.start(logName, command, Map.of());
    }

    @Override
    boolean answers() {
        try {
            return "PONG".equals(command("PING"));
        } catch (IOException | IllegalStateException e) {
            return false; // not listening yet, or loading its data
        }
    }

    /// Runs one command on a connection of its own, as an operator would with `redis-cli`.
    ///
    /// @return the answer as text; null for nil; the lines of an array joined by newlines
    /// @throws IOException when the server is away
    /// @throws IllegalStateException when the answer is an error
    public @Nullable String command(String... words) throws IOException {
        return Probe.talk(
                port(),
                socket -> {
                    var input = new BufferedInputStream(socket.getInputStream());
                    if (options.password != null) {
                        send(socket, "AUTH", options.password);
                        read(input);
                    }
                    send(socket, words);
                    return read(input);
                });
    }

    private static void send(Socket socket, String... words) throws IOException {
        var request = new ByteArrayOutputStream();
        request.writeBytes(("*" + words.length + "\r\n").getBytes(UTF_8));
        for (var word : words) {
            var bytes = word.getBytes(UTF_8);
            request.writeBytes(("$" + bytes.length + "\r\n").getBytes(UTF_8));
            request.writeBytes(bytes);
            request.writeBytes("\r\n".getBytes(UTF_8));
        }
        socket.getOutputStream().write(request.toByteArray());
    }

    /// One answer in the Redis serialization protocol, version 2.
    private static @Nullable String read(InputStream input) throws IOException {
        var line = readLine(input);
        var rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '$' -> {
                var length = Integer.parseInt(rest);
                if (length < 0) {
                    yield null;
                }
                var bytes = input.readNBytes(length);
                readLine(input);
                yield new String(bytes, UTF_8);
            }
            case '*' -> {
                var items = new ArrayList<String>();
                for (var left = Integer.parseInt(rest); left > 0; left--) {
                    items.add(String.valueOf(read(input)));
                }
                yield String.join("\n", items);
            }
            default -> throw new IllegalStateException("Redis answered: " + rest);
        };
    }

    private static String readLine(InputStream input) throws IOException {
        var line = new ByteArrayOutputStream();
        for (var octet = input.read(); octet != '\n'; octet = input.read()) {
            if (octet < 0) {
                throw new EOFException("Redis closed the connection");
            }
            line.write(octet);
        }
        return line.toString(UTF_8).stripTrailing();
    }
}
