package dev.muster.queue.jdbc;

import dev.muster.testkit.NothingLostContract;
import dev.muster.testkit.PostgresServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresNothingLostTest extends NothingLostContract {
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.createDurable();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of(
                "broker_url",
                server.url(),
                "result_backend",
                server.url(),
                "broker_transport_options",
                Map.of("lease", "3s"));
    }

    @Test
    void nothingIsLostWhenPostgresRestartsAndWhenItIsKilled() {
        nothingIsLostWhile(List.of(server::restart, this::killAndStart));
    }

    private void killAndStart() {
        server.kill();
        server.start();
    }
}
