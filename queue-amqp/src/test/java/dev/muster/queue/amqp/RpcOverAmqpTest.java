package dev.muster.queue.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.rpc.RpcResultStoreProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.ResultStoreContract;
import dev.muster.testkit.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RpcOverAmqpTest extends ResultStoreContract {
    private final List<Broker> brokers = new ArrayList<>();

    @Override
    protected ResultStore openStore(Duration expires) {
        return open(Servers.rabbit(), Settings.DEFAULT.with("result_expires", expires));
    }

    private ResultStore open(RabbitServer server, Settings settings) {
        var broker = Brokers.open(server.url());
        brokers.add(broker);
        return new RpcResultStoreProvider()
                .open(ServiceUrl.parse("rpc://"), Environment.of(settings), broker);
    }

    /// The queue expires, not what was taken from it.
    @Override
    protected boolean expiresRecords() {
        return false;
    }

    @AfterEach
    void closeBrokers() {
        brokers.forEach(Broker::close);
    }

    @Test
    void declaresTheReplyQueueAsCeleryDoes() {
        var store = openStore(Duration.ofDays(1));
        try {
            var name = store.replyAddress().orElseThrow();

            var queues =
                    Servers.rabbit()
                            .control(
                                    "list_queues",
                                    "--no-table-headers",
                                    "name",
                                    "durable",
                                    "auto_delete",
                                    "exclusive",
                                    "arguments");
            assertThat(queues.lines().map(line -> line.replaceAll("\\s+", " ")))
                    .anySatisfy(line ->
                            assertThat(line)
                                    .startsWith(name + " false true false ")
                                    .contains("x-expires")
                                    .contains("86400000"));
        } finally {
            store.close();
        }
    }

    @Test
    void goesOnWaitingWhenTheBrokerRestarts() throws Exception {
        try (var server = RabbitServer.create();
                var client = open(server, Settings.DEFAULT);
                var worker = open(server, Settings.DEFAULT)) {
            var address = client.replyAddress().orElseThrow();
            var id = newId();
            var waiting = client.await(id);

            server.restart();

            // A record that is sent before the reply queue is there again is lost.
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> server.control("list_queues", "name").contains(address));
            worker.store(success(id, "after"), address);
            assertThat(awaited(waiting).result()).isEqualTo("after");
        }
    }
}
