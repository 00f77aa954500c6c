package dev.muster.queue.jdbc;

import dev.muster.testkit.Servers;
import dev.muster.testkit.WorkflowEquivalenceContract;

class PostgresWorkflowTest extends WorkflowEquivalenceContract {
    @Override
    protected String url() {
        return Servers.postgres().newDatabase();
    }
}
