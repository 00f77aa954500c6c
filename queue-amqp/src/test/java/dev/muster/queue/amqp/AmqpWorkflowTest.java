package dev.muster.queue.amqp;

import dev.muster.testkit.Servers;
import dev.muster.testkit.WorkflowEquivalenceContract;

/// RabbitMQ as the broker, and results in Redis.
class AmqpWorkflowTest extends WorkflowEquivalenceContract {
    @Override
    protected String url() {
        return Servers.rabbit().url() + "//";
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url(804);
    }
}
