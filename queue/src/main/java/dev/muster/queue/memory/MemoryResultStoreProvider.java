package dev.muster.queue.memory;

import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import java.util.Set;

/// Opens result stores for `memory:`. Each is a world of its own.
public final class MemoryResultStoreProvider implements ResultStoreProvider {
    /// For [java.util.ServiceLoader].
    public MemoryResultStoreProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("memory");
    }

    @Override
    public ResultStore open(ServiceUrl url, Environment environment, Broker broker) {
        var settings = environment.settings();
        return new MemoryResultStore(
                environment.clock(),
                settings.get(Setting.RESULT_EXPIRES),
                new ResultFormat(new Json(settings.get(Setting.JSON_TYPED_VALUES))));
    }
}
