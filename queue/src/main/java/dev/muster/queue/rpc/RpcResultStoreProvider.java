package dev.muster.queue.rpc;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import java.util.Set;

/// Opens `rpc://`.
public final class RpcResultStoreProvider implements ResultStoreProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("rpc");
    }

    @Override
    public ResultStore open(ServiceUrl url, Environment environment, Broker broker) {
        return new RpcResultStore(broker, environment.settings());
    }
}
