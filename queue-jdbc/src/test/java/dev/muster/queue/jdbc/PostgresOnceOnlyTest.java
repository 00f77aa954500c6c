package dev.muster.queue.jdbc;

import dev.muster.testkit.OnceOnlyContract;
import dev.muster.testkit.Servers;

class PostgresOnceOnlyTest extends OnceOnlyContract {
    @Override
    protected String url() {
        return Servers.postgres().newDatabase();
    }
}
