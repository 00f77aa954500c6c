package dev.muster.queue.redis;

import dev.muster.testkit.Servers;
import dev.muster.testkit.WorkflowEquivalenceContract;

/// A Java client, and Celery's workers.
class RedisPythonWorkflowTest extends WorkflowEquivalenceContract {
    @Override
    protected String url() {
        return Servers.redis().url(805);
    }

    @Override
    protected Workers workers() {
        return Workers.PYTHON;
    }

    @Override
    protected int cases() {
        return 12;
    }
}
