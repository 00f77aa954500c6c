package dev.muster.queue.amqp;

import dev.muster.testkit.Servers;
import dev.muster.testkit.WorkflowEquivalenceContract;

/// A Java client, and workers of both kinds on one queue; RabbitMQ as the broker, results in Redis.
class AmqpMixedWorkflowTest extends WorkflowEquivalenceContract {
    @Override
    protected String url() {
        return Servers.rabbit().url() + "//";
    }

    @Override
    protected String resultBackend() {
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
