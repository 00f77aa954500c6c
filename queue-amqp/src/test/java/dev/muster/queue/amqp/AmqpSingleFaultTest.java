package dev.muster.queue.amqp;

import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.ServerFaultContract;
import dev.muster.testkit.Servers;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;

class AmqpSingleFaultTest extends ServerFaultContract {
    private static final Duration NOTICED = Duration.ofSeconds(60);

    AmqpSingleFaultTest() {
        super(Servers.rabbit(), Servers.redis());
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of(
                "broker_url",
                network().url(Servers.rabbit().url()),
                "result_backend",
                toResults().url(Servers.redis().url()),
                "broker_heartbeat",
                "2s",
                "redis_socket_timeout",
                "3s");
    }

    /// RabbitMQ stops to take messages before nothing at all is left.
    @Override
    protected FullDisk disk() {
        return new FullDisk() {
            private final RabbitServer server = RabbitServer.create(disk);

            @Override
            protected Map<String, Object> settings() {
                return Map.of("broker_url", server.url(), "result_backend", Servers.redis().url());
            }

            // RabbitMQ looks at its disk every ten seconds.
            @Override
            protected void fill() {
                disk.fill(RabbitServer.DISK_LIMIT_MEGABYTES / 2);
                Awaitility.await()
                        .atMost(NOTICED)
                        .until(() ->
                                server.control("eval", "rabbit_alarm:get_alarms().")
                                        .contains("disk"));
            }

            @Override
            protected String reason() {
                return "low on disk";
            }

            @Override
            public void close() {
                server.close();
                super.close();
            }
        };
    }
}
