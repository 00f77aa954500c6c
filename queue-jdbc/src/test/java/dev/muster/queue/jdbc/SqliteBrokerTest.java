package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Broker;
import dev.muster.testkit.BrokerContract;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class SqliteBrokerTest extends BrokerContract {
    @TempDir private Path folder;

    @Override
    protected Broker openBroker() {
        return Databases.broker("sqlite:" + folder.resolve("queue.db"));
    }

    @Override
    protected List<Integer> prioritiesByUrgency() {
        return List.of(100, 9, 5, 1, 0, -1);
    }
}
