package dev.muster.queue.redis;

import dev.muster.testkit.DelayedSoakContract;
import dev.muster.testkit.RedisServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisDelayedSoakTest extends DelayedSoakContract {
    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.create();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", server.url(), "result_backend", server.url());
    }
}
