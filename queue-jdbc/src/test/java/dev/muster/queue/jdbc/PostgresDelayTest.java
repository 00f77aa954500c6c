package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Broker;
import dev.muster.testkit.DelayContract;
import dev.muster.testkit.Servers;
import org.junit.jupiter.api.BeforeAll;

class PostgresDelayTest extends DelayContract {
    private static String database = "";

    @BeforeAll
    static void createDatabase() {
        database = Servers.postgres().newDatabase();
    }

    @Override
    protected Broker openBroker() {
        return Databases.broker(database);
    }
}
