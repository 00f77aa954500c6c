package dev.muster.queue.jdbc;

import dev.muster.testkit.Servers;

class PostgresScheduleTest extends DatabaseScheduleContract {
    private final String database = Servers.postgres().newDatabase();

    @Override
    String url() {
        return database;
    }
}
