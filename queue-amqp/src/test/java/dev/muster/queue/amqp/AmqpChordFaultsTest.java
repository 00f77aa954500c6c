package dev.muster.queue.amqp;

import dev.muster.testkit.ChordFaultsContract;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.Server;
import dev.muster.testkit.Servers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// RabbitMQ as the broker, and results in Redis.
class AmqpChordFaultsTest extends ChordFaultsContract {
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

    @Override
    protected Server brokerServer() {
        return server;
    }

    @Override
    protected Server storeServer() {
        return Servers.redis();
    }
}
