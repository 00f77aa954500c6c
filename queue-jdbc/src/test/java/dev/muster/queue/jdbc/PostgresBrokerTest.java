package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Broker;
import dev.muster.testkit.BrokerContract;
import dev.muster.testkit.Servers;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

class PostgresBrokerTest extends BrokerContract {
    private static String database = "";

    @BeforeAll
    static void createDatabase() {
        database = Servers.postgres().newDatabase();
    }

    @Override
    protected Broker openBroker() {
        return Databases.broker(database);
    }

    @Override
    protected List<Integer> prioritiesByUrgency() {
        return List.of(100, 9, 5, 1, 0, -1);
    }
}
