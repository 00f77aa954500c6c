package dev.muster.queue.jdbc;

import dev.muster.testkit.HostileControlContract;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class SqliteHostileControlTest extends HostileControlContract {
    @TempDir private Path folder;

    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", "sqlite:" + folder.resolve("queue.db"));
    }
}
