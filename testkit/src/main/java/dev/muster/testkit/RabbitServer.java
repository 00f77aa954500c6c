package dev.muster.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A RabbitMQ server (Debian package `rabbitmq-server`), run as the current user and apart from one
/// that the system runs. It takes some seconds to start: share [Servers#rabbit()] where you can.
public final class RabbitServer extends SandboxedServer {
    private static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    private static final Path SCRIPTS = Path.of("/usr/lib/rabbitmq/bin");

    /// Of disk that must be free, where it has a disk of its own: RabbitMQ's default.
    public static final int DISK_LIMIT_MEGABYTES = 50;

    private final int distributionPort = FreePort.next();
    private final int nameServicePort = FreePort.next();
    private @Nullable Process nameService;

    private final int tlsPort = FreePort.next();

    /// Of its data.
    private final Path folder;

    private RabbitServer(@Nullable ServerTls tls, @Nullable SmallDisk disk) {
        super("rabbit");
        folder = disk == null ? sandbox.path("mnesia") : disk.path();
        sandbox.write("enabled_plugins", "[].");
        sandbox.write(
                "rabbitmq.conf",
                limits(disk == null ? 1 : DISK_LIMIT_MEGABYTES)
                        + (tls == null ? "" : configuration(tls)));
    }

    /// A limit of memory that no test reaches.
    private static String limits(int diskMegabytes) {
        return """
        vm_memory_high_watermark.absolute = 4GB
        disk_free_limit.absolute = %dMB
        """
                .formatted(diskMegabytes);
    }

    private String configuration(ServerTls tls) {
        return """
        listeners.ssl.1 = 127.0.0.1:%d
        ssl_options.cacertfile = %s
        ssl_options.certfile = %s
        ssl_options.keyfile = %s
        ssl_options.verify = verify_peer
        ssl_options.fail_if_no_peer_cert = true
        """
                .formatted(tlsPort, tls.authority(), tls.own().certificate(), tls.own().key());
    }

    /// Starts a server of one's own.
    public static RabbitServer create() {
        return started(new RabbitServer(null, null));
    }

    /// Starts a server of one's own with its data on that disk. It takes no more messages when less
    /// than [#DISK_LIMIT_MEGABYTES] is left.
    public static RabbitServer create(SmallDisk disk) {
        return started(new RabbitServer(null, disk));
    }

    /// Starts a server of one's own that also speaks TLS, on a port of its own.
    public static RabbitServer create(ServerTls tls) {
        return started(new RabbitServer(tls, null));
    }

    /// `amqps://guest:guest@localhost:port`, for a server that speaks TLS.
    public String tlsUrl() {
        return "amqps://guest:guest@localhost:" + tlsPort;
    }

    /// `amqp://guest:guest@127.0.0.1:port`, which means the virtual host `/`.
    @Override
    public String url() {
        return "amqp://guest:guest@127.0.0.1:" + port();
    }

    /// Runs `rabbitmqctl` and returns what it prints.
    ///
    /// @throws IllegalStateException when it fails
    public String control(String... arguments) {
        var outcome = rabbitmqctl(arguments);
        if (outcome.errors().contains("requires the 'rabbit' app to be running")) {
            // It answers clients a moment before it takes commands. 50 seconds, as each command has
            // a minute.
            rabbitmqctl("await_startup", "--timeout", "50");
            outcome = rabbitmqctl(arguments);
        }
        if (outcome.exitStatus() != 0) {
            throw new IllegalStateException(
                    "rabbitmqctl %s failed with exit status %d:%n%s%s"
                            .formatted(
                                    String.join(" ", arguments),
                                    outcome.exitStatus(),
                                    outcome.output(),
                                    outcome.errors()));
        }
        return outcome.output();
    }

    private Command.Outcome rabbitmqctl(String... arguments) {
        var command = new ArrayList<String>();
        command.add(script("rabbitmqctl"));
        command.add("--quiet");
        command.addAll(List.of(arguments));
        return Command.run(sandbox, command, environment(), Duration.ofMinutes(1));
    }

    @Override
    Process launch(String logName) {
        // Erlang would start its name service as a daemon that outlives the server; our own child
        // process takes that port first.
        if (nameService == null || !nameService.isAlive()) {
            nameService =
                    sandbox.start(
                            "epmd",
                            List.of(
                                    Program.at("/usr/bin/epmd", "erlang-base"),
                                    "-port",
                                    Integer.toString(nameServicePort),
                                    "-address",
                                    "127.0.0.1"),
                            Map.of());
            sandbox.awaitReady(
                    "epmd",
                    nameService,
                    Duration.ofSeconds(30),
                    () -> Probe.succeeds(nameServicePort, _ -> true));
        }
        return sandbox.start(logName, List.of(script("rabbitmq-server")), environment());
    }

    private static String script(String name) {
        return Program.at(SCRIPTS.resolve(name).toString(), "rabbitmq-server");
    }

    private Map<String, String> environment() {
        var variables = new HashMap<String, String>();
        variables.put("HOME", sandbox.folder().toString()); // of the Erlang cookie
        variables.put("LANG", "C.UTF-8");
        variables.put("ERL_EPMD_PORT", Integer.toString(nameServicePort));
        variables.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        variables.put("RABBITMQ_NODENAME", "muster-%d@localhost".formatted(port()));
        variables.put("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
        variables.put("RABBITMQ_NODE_PORT", Integer.toString(port()));
        variables.put("RABBITMQ_DIST_PORT", Integer.toString(distributionPort));
        variables.put("RABBITMQ_CONF_ENV_FILE", "/dev/null");
        variables.put("RABBITMQ_CONFIG_FILE", sandbox.path("rabbitmq.conf").toString());
        variables.put("RABBITMQ_ADVANCED_CONFIG_FILE", sandbox.path("advanced.config").toString());
        variables.put("RABBITMQ_ENABLED_PLUGINS_FILE", sandbox.path("enabled_plugins").toString());
        variables.put("RABBITMQ_GENERATED_CONFIG_DIR", sandbox.path("generated").toString());
        variables.put("RABBITMQ_MNESIA_BASE", folder.toString());
        variables.put("RABBITMQ_LOG_BASE", sandbox.path("log").toString());
        variables.put("RABBITMQ_LOGS", "-");
        // One scheduler that sleeps when idle: starts sooner and leaves the processors to the
        // tests.
        variables.put("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 1:1 +sbwt none");
        return variables;
    }

    /// Whether it answers the protocol header with a frame that holds `connection.start`.
    @Override
    boolean answers() {
        return Probe.succeeds(
                port(),
                socket -> {
                    socket.getOutputStream().write(PROTOCOL_HEADER);
                    var frame = socket.getInputStream().readNBytes(11);
                    return frame.length == 11 && frame[0] == 1 && frame[8] == 10 && frame[10] == 10;
                });
    }

    @Override
    public synchronized void stop() {
        super.stop();
        killNameService();
    }

    @Override
    public synchronized void kill() {
        super.kill();
        killNameService();
    }

    private void killNameService() {
        if (nameService != null) {
            sandbox.kill(nameService);
            nameService = null;
        }
    }
}
