package dev.muster.queue.jdbc;

import dev.muster.testkit.Fault;
import dev.muster.testkit.FaultCampaignContract;
import dev.muster.testkit.PostgresServer;
import dev.muster.testkit.SmallDisk;
import dev.muster.testkit.TcpProxy;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresFaultCampaignTest extends FaultCampaignContract {
    private static SmallDisk disk;
    private static PostgresServer server;
    private static TcpProxy network;

    @BeforeAll
    static void startServer() {
        disk = SmallDisk.openIfPossible();
        server = PostgresServer.createDurable(disk);
        network = TcpProxy.before(server);
    }

    @AfterAll
    static void stopServer() {
        network.close();
        server.close();
        disk.close();
    }

    @Override
    protected Map<String, Object> settings() {
        var url = network.url(server.url()) + "?socketTimeout=10";
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
        return Stream.of(
                        Fault.of(server),
                        Fault.of(network),
                        // It ends when it cannot write its log.
                        Fault.of(disk, 0, server::start))
                .flatMap(List::stream)
                .toList();
    }
}
