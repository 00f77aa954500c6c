package dev.muster.queue.amqp;

import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.ServerFaultContract;
import dev.muster.testkit.Servers;
import dev.muster.testkit.SmallDisk;
import java.util.Map;

class AmqpSingleFaultTest extends ServerFaultContract {
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
            private final SmallDisk disk = SmallDisk.open();
            private final RabbitServer server = RabbitServer.create(disk);

            @Override
            public Map<String, Object> settings() {
                return Map.of("broker_url", server.url(), "result_backend", Servers.redis().url());
            }

            @Override
            public void fill() {
                disk.fill(RabbitServer.DISK_LIMIT_MEGABYTES / 2);
            }

            @Override
            public void free() {
                disk.free();
            }

            @Override
            public String reason() {
                return "low on disk";
            }

            @Override
            public void close() {
                server.close();
                disk.close();
            }
        };
    }
}
