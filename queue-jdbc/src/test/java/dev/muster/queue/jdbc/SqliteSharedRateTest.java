package dev.muster.queue.jdbc;

import dev.muster.testkit.SharedRateContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteSharedRateTest extends SharedRateContract {
    @TempDir private Path folder;

    @Override
    protected String url() {
        return "sqlite:" + folder.resolve("queue.db");
    }
}
