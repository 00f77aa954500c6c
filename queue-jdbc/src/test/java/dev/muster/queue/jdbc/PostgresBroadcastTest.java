package dev.muster.queue.jdbc;

import dev.muster.testkit.BroadcastContract;
import dev.muster.testkit.Servers;
import org.junit.jupiter.api.BeforeAll;

class PostgresBroadcastTest extends BroadcastContract {
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
