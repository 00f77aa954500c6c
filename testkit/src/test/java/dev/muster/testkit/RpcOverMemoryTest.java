package dev.muster.testkit;

import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.rpc.RpcResultStoreProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.time.Duration;

class RpcOverMemoryTest extends ResultStoreContract {
    private final Broker broker =
            new MemoryBrokerProvider()
                    .open(ServiceUrl.parse("memory:"), Environment.of(Settings.DEFAULT));

    @Override
    protected ResultStore openStore(Duration expires) {
        var settings = Settings.DEFAULT.with("result_expires", expires);
        return new RpcResultStoreProvider()
                .open(ServiceUrl.parse("rpc://"), Environment.of(settings), broker);
    }

    /// The queue expires, not what was taken from it.
    @Override
    protected boolean expiresRecords() {
        return false;
    }
}
