package dev.muster.queue.redis;

import dev.muster.testkit.FaultCampaignContract;
import dev.muster.testkit.RedisServer;
import dev.muster.testkit.TcpProxy;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisFaultCampaignTest extends FaultCampaignContract {
    private static RedisServer server;
    private static TcpProxy network;

    @BeforeAll
    static void startServer() {
        server = RedisServer.create(RedisServer.Options.DEFAULT.withDurable());
        network = TcpProxy.before(server);
    }

    @AfterAll
    static void stopServer() {
        network.close();
        server.close();
    }

    @Override
    protected Map<String, Object> settings() {
        var url = network.url(server.url());
        return Map.of(
                "broker_url",
                url,
                "result_backend",
                url,
                "broker_transport_options",
                Map.of("lease", "3s"));
    }

    @Override
    protected List<Fault> faults() {
        return Stream.concat(Fault.of(server).stream(), Fault.of(network).stream()).toList();
    }
}
