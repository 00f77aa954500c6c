package dev.muster.queue.jdbc;

import dev.muster.testkit.DelayedSoakContract;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class SqliteDelayedSoakTest extends DelayedSoakContract {
    private @TempDir Path folder;

    @Override
    protected Map<String, Object> settings() {
        var url = "sqlite:" + folder.resolve("queue.db");
        return Map.of("broker_url", url, "result_backend", url);
    }
}
