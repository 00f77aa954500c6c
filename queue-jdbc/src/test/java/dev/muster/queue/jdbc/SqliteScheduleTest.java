package dev.muster.queue.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteScheduleTest extends DatabaseScheduleContract {
    @TempDir private Path folder;

    @Override
    String url() {
        return "sqlite:" + folder.resolve("queue.db");
    }
}
