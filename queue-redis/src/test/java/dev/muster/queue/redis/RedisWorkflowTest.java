package dev.muster.queue.redis;

import dev.muster.testkit.Servers;
import dev.muster.testkit.WorkflowEquivalenceContract;

class RedisWorkflowTest extends WorkflowEquivalenceContract {
    @Override
    protected String url() {
        return Servers.redis().url(803);
    }
}
