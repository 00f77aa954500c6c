package dev.muster.queue.redis;

import dev.muster.testkit.Servers;
import dev.muster.testkit.WorkflowEquivalenceContract;

/// A Java client, and workers of both kinds on one queue.
class RedisMixedWorkflowTest extends WorkflowEquivalenceContract {
    @Override
    protected String url() {
        return Servers.redis().url(805);
    }

    @Override
    protected Workers workers() {
        return Workers.MIXED;
    }

    @Override
    protected int cases() {
        return 12;
    }
}
