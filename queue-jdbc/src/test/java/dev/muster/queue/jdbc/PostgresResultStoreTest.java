package dev.muster.queue.jdbc;

import dev.muster.queue.spi.ResultStore;
import dev.muster.testkit.ResultStoreContract;
import dev.muster.testkit.Servers;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;

class PostgresResultStoreTest extends ResultStoreContract {
    private static String database = "";

    @BeforeAll
    static void createDatabase() {
        database = Servers.postgres().newDatabase();
    }

    @Override
    protected ResultStore openStore(Duration expires) {
        return Databases.store(database, expires);
    }
}
