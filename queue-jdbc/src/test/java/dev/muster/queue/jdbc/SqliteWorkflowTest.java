package dev.muster.queue.jdbc;

import dev.muster.testkit.WorkflowEquivalenceContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteWorkflowTest extends WorkflowEquivalenceContract {
    @TempDir private Path folder;

    @Override
    protected String url() {
        return "sqlite:" + folder.resolve("queue.db");
    }
}
