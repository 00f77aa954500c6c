package dev.muster.queue.jdbc;

import dev.muster.testkit.ControlContract;
import dev.muster.testkit.Servers;
import java.util.Map;

class PostgresControlTest extends ControlContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.postgres().newDatabase());
    }
}
