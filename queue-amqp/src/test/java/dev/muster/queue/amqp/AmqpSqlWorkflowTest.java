package dev.muster.queue.amqp;

import dev.muster.testkit.Servers;
import dev.muster.testkit.WorkflowEquivalenceContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/// RabbitMQ as the broker, and results in a database.
class AmqpSqlWorkflowTest extends WorkflowEquivalenceContract {
    private @TempDir Path folder;

    @Override
    protected String url() {
        return Servers.rabbit().url() + "//";
    }

    @Override
    protected String resultBackend() {
        return "sqlite:" + folder.resolve("results.db");
    }
}
