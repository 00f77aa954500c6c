package dev.muster.queue.jdbc;

import dev.muster.testkit.BroadcastContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteBroadcastTest extends BroadcastContract {
    @TempDir private Path folder;

    @Override
    protected String url() {
        return "sqlite:" + folder.resolve("queue.db");
    }
}
