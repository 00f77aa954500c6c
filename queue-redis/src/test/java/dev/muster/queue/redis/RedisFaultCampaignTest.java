package dev.muster.queue.redis;

import dev.muster.testkit.Fault;
import dev.muster.testkit.FaultCampaignContract;
import dev.muster.testkit.RedisServer;
import dev.muster.testkit.SmallDisk;
import dev.muster.testkit.TcpProxy;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisFaultCampaignTest extends FaultCampaignContract {
    private static SmallDisk disk;
    private static RedisServer server;
    private static RedisServer results;
    private static TcpProxy network;
    private static TcpProxy toResults;

    @BeforeAll
    static void startServers() {
        disk = SmallDisk.openIfPossible();
        server = RedisServer.create(RedisServer.Options.DEFAULT.withDurable().withDisk(disk));
        results = RedisServer.create(RedisServer.Options.DEFAULT.withDurable());
        network = TcpProxy.before(server);
        toResults = TcpProxy.before(results);
    }

    @AfterAll
    static void stopServers() {
        network.close();
        toResults.close();
        server.close();
        results.close();
        disk.close();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of(
                "broker_url",
                network.url(server.url()),
                "result_backend",
                toResults.url(results.url()),
                "broker_transport_options",
                Map.of("lease", "3s", "socket_timeout", "10s"),
                "redis_socket_timeout",
                "10s");
    }

    @Override
    protected List<Fault> faults() {
        return Stream.of(
                        Fault.of(server),
                        Fault.of(network),
                        Fault.ofResults(results),
                        Fault.ofResults(toResults),
                        // It ends when it cannot write.
                        Fault.of(disk, 0, server::start))
                .flatMap(List::stream)
                .toList();
    }
}
