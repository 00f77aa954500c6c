package dev.muster.queue.redis;

import dev.muster.testkit.RedisServer;
import dev.muster.testkit.ServerFaultContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class RedisSingleFaultTest extends ServerFaultContract {
    RedisSingleFaultTest() {
        super(Servers.redis(), Servers.redis());
    }

    @Override
    protected Map<String, Object> settings() {
        var url = Servers.redis().url();
        return Map.of(
                "broker_url",
                network().url(url),
                "result_backend",
                toResults().url(url),
                "broker_transport_options",
                Map.of("lease", "2s", "socket_timeout", "3s"),
                "redis_socket_timeout",
                "3s");
    }

    /// Redis that does not wait for its disk goes on, and refuses to write. The other kind ends at
    /// once; what that does is what the end of a server does.
    @Override
    protected FullDisk disk() {
        return new FullDisk() {
            private final RedisServer server =
                    RedisServer.create(RedisServer.Options.DEFAULT.withDisk(disk));

            @Override
            protected Map<String, Object> settings() {
                return Map.of("broker_url", server.url(), "result_backend", server.url());
            }

            @Override
            protected String reason() {
                return "No space left on device";
            }

            @Override
            public void close() {
                server.close();
                super.close();
            }
        };
    }
}
