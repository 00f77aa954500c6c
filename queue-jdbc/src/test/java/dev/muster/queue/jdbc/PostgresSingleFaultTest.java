package dev.muster.queue.jdbc;

import dev.muster.testkit.PostgresServer;
import dev.muster.testkit.ServerFaultContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class PostgresSingleFaultTest extends ServerFaultContract {
    private final String url = Servers.postgres().newDatabase() + "?socketTimeout=3";

    PostgresSingleFaultTest() {
        super(Servers.postgres(), Servers.postgres());
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of(
                "broker_url",
                network().url(url),
                "result_backend",
                toResults().url(url),
                "broker_transport_options",
                Map.of("lease", "2s"));
    }

    @Override
    protected FullDisk disk() {
        return new FullDisk() {
            private final PostgresServer server = PostgresServer.createDurable(disk);

            @Override
            protected Map<String, Object> settings() {
                return Map.of("broker_url", server.url(), "result_backend", server.url());
            }

            // Where it could not write its log either, the server has ended.
            @Override
            protected void free() {
                super.free();
                server.start();
            }

            @Override
            protected String reason() {
                return "the disk of the server is full";
            }

            @Override
            public void close() {
                server.close();
                super.close();
            }
        };
    }
}
