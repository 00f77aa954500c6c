package dev.muster.queue.amqp;

import dev.muster.testkit.NothingLostContract;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.Servers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AmqpNothingLostTest extends NothingLostContract {
    private static RabbitServer server;

    @BeforeAll
    static void startServer() {
        server = RabbitServer.create();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", server.url(), "result_backend", Servers.redis().url());
    }

    @Test
    void nothingIsLostWhenRabbitMqRestartsAndWhenItIsKilled() {
        nothingIsLostWhile(List.of(server::restart, this::killAndStart));
    }

    private void killAndStart() {
        server.kill();
        server.start();
    }
}
