package dev.muster.queue.redis;

import dev.muster.testkit.ChordFaultsContract;
import dev.muster.testkit.RedisServer;
import dev.muster.testkit.Server;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisChordFaultsTest extends ChordFaultsContract {
    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.create(RedisServer.Options.DEFAULT.withDurable());
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

    @Override
    protected Server brokerServer() {
        return server;
    }

    @Override
    protected Server storeServer() {
        return server;
    }
}
