package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Broker;
import dev.muster.testkit.DelayContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteDelayTest extends DelayContract {
    @TempDir private Path folder;

    @Override
    protected Broker openBroker() {
        return Databases.broker("sqlite:" + folder.resolve("queue.db"));
    }
}
