package dev.muster.queue.jdbc;

import dev.muster.testkit.EventContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class PostgresEventTest extends EventContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.postgres().newDatabase());
    }
}
