package dev.muster.queue.jdbc;

import dev.muster.testkit.Servers;
import dev.muster.testkit.SharedRateContract;
import org.junit.jupiter.api.BeforeAll;

class PostgresSharedRateTest extends SharedRateContract {
    private static String database = "";

    @BeforeAll
    static void createDatabase() {
        database = Servers.postgres().newDatabase();
    }

    @Override
    protected String url() {
        return database;
    }
}
