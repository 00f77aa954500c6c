package dev.muster.queue.redis;

import dev.muster.testkit.NothingLostContract;
import dev.muster.testkit.RedisServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisNothingLostTest extends NothingLostContract {
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

    @Test
    void nothingIsLostWhenRedisRestartsAndWhenItIsKilled() {
        nothingIsLostWhile(List.of(server::restart, this::killAndStart));
    }

    private void killAndStart() {
        server.kill();
        server.start();
    }
}
