package dev.muster.testkit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What all servers have in common: one main process in a sandbox, started, probed, stopped.
abstract sealed class SandboxedServer implements Server
        permits PostgresServer, RabbitServer, RedisServer {
    /// Generous, because a test machine may be busy with other builds.
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    final Sandbox sandbox;
    private final String name;
    private final int port = FreePort.next();

    /// Guarded by this.
    private @Nullable Process process;

    SandboxedServer(String name) {
        this.name = name;
        this.sandbox = Sandbox.open(name);
    }

    /// Starts the server program; its output goes to the log of this name.
    abstract Process launch(String logName);

    /// Whether the server answers a client.
    abstract boolean answers();

    @Override
    public final int port() {
        return port;
    }

    @Override
    public final synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    @Override
    public final synchronized void start() {
        if (isRunning()) {
            return;
        }
        var started = launch(name);
        process = started;
        sandbox.awaitReady(name, started, START_LIMIT, this::answers);
    }

    @Override
    public synchronized void stop() {
        if (process != null) {
            sandbox.stop(name, process);
            process = null;
        }
    }

    @Override
    public synchronized void kill() {
        if (process != null) {
            sandbox.kill(process);
            process = null;
        }
    }

    /// Starts a server that was just made, or leaves nothing behind.
    static <S extends SandboxedServer> S started(S server) {
        try {
            server.start();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    @Override
    public final synchronized void close() {
        kill();
        sandbox.close();
    }
}
