package dev.muster.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL server (Debian package `postgresql`) with a superuser `muster` that needs no
/// password.
///
/// The programs refuse to run as root; for root they run as the user `postgres`, which the package
/// creates.
public final class PostgresServer extends SandboxedServer {
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(2);
    private static final String USER = "muster";

    private final boolean durable;
    private final AtomicInteger databases = new AtomicInteger();

    private final Path data;

    private PostgresServer(boolean durable, @Nullable SmallDisk disk) {
        super("postgres");
        this.durable = durable;
        this.data = disk == null ? sandbox.path("data") : disk.path().resolve("data");
    }

    /// Starts a server of one's own that does not wait for the disk: what was committed survives
    /// [#kill()], but not a power cut.
    public static PostgresServer create() {
        return started(new PostgresServer(false, null));
    }

    /// Starts a server that waits for the disk at each commit.
    public static PostgresServer createDurable() {
        return started(new PostgresServer(true, null));
    }

    /// Starts a server that waits at each commit for that disk, which has its data.
    public static PostgresServer createDurable(SmallDisk disk) {
        return started(new PostgresServer(true, disk));
    }

    /// The URL of the database `postgres`.
    @Override
    public String url() {
        return url("postgres");
    }

    /// `postgresql://muster@127.0.0.1:port/database`.
    public String url(String database) {
        return "postgresql://%s@127.0.0.1:%d/%s".formatted(USER, port(), database);
    }

    /// Creates an empty database and returns its URL.
    public String newDatabase() {
        var name = "test" + databases.incrementAndGet();
        run(
                List.of(
                        Program.postgres("createdb"),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port()),
                        "-U",
                        USER,
                        name));
        return url(name);
    }

    @Override
    Process launch(String logName) {
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            initialise();
        }
        var command = new ArrayList<String>();
        command.add(Program.postgres("postgres"));
        command.addAll(List.of("-D", data.toString(), "-p", Integer.toString(port())));
        command.addAll(List.of("-c", "listen_addresses=127.0.0.1"));
        command.addAll(List.of("-c", "unix_socket_directories="));
        command.addAll(List.of("-c", "max_connections=200"));
        command.addAll(List.of("-c", "shared_buffers=32MB"));
        command.addAll(List.of("-c", "fsync=" + (durable ? "on" : "off")));
        return sandbox.start(logName, asServerUser(command), Map.of());
    }

    /// In its fast mode, as service managers do: SIGTERM alone would wait for all clients to leave.
    @Override
    public synchronized void stop() {
        if (isRunning()) {
            run(
                    List.of(
                            Program.postgres("pg_ctl"),
                            "stop",
                            "-m",
                            "fast",
                            "-w",
                            "-D",
                            data.toString()));
        }
        super.stop();
    }

    private void initialise() {
        if (isRoot()) {
            try {
                var folder = sandbox.folder();
                var users = folder.getFileSystem().getUserPrincipalLookupService();
                Files.setOwner(folder, users.lookupPrincipalByName("postgres"));
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "there is no user postgres; on Debian: apt-get install postgresql", e);
            }
        }
        run(
                List.of(
                        Program.postgres("initdb"),
                        "-D",
                        data.toString(),
                        "-U",
                        USER,
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync"));
    }

    @Override
    boolean answers() {
        var command =
                List.of(
                        Program.postgres("pg_isready"),
                        "-q",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port()));
        return Command.run(sandbox, command, Map.of(), COMMAND_LIMIT).exitStatus() == 0;
    }

    private void run(List<String> command) {
        var outcome = Command.run(sandbox, asServerUser(command), Map.of(), COMMAND_LIMIT);
        if (outcome.exitStatus() != 0) {
            throw new IllegalStateException(
                    "%s failed with exit status %d:%n%s%s"
                            .formatted(
                                    String.join(" ", command),
                                    outcome.exitStatus(),
                                    outcome.output(),
                                    outcome.errors()));
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> asServerUser(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        var whole = new ArrayList<String>();
        whole.add(Program.at("/usr/bin/setpriv", "util-linux"));
        whole.addAll(List.of("--reuid=postgres", "--regid=postgres", "--init-groups", "--"));
        whole.addAll(command);
        return whole;
    }
}
