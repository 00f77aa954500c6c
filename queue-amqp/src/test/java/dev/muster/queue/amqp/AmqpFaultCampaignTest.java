package dev.muster.queue.amqp;

import dev.muster.testkit.FaultCampaignContract;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.Servers;
import dev.muster.testkit.TcpProxy;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class AmqpFaultCampaignTest extends FaultCampaignContract {
    private static RabbitServer server;
    private static TcpProxy network;
    private static TcpProxy toResults;

    @BeforeAll
    static void startServer() {
        server = RabbitServer.create();
        network = TcpProxy.before(server);
        toResults = TcpProxy.before(Servers.redis());
    }

    @AfterAll
    static void stopServer() {
        network.close();
        toResults.close();
        server.close();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of(
                "broker_url",
                network.url(server.url()),
                "result_backend",
                toResults.url(Servers.redis().url()));
    }

    @Override
    protected List<Fault> faults() {
        return Stream.of(Fault.of(server), Fault.of(network), Fault.of(toResults))
                .flatMap(List::stream)
                .toList();
    }
}
