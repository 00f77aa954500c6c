package dev.muster.queue.amqp;

import dev.muster.testkit.CeleryWorkflowContract;
import dev.muster.testkit.Servers;

/// Celery with RabbitMQ as the broker, and results in Redis.
class AmqpCeleryWorkflowTest extends CeleryWorkflowContract {
    @Override
    protected String brokerUrl() {
        return Servers.rabbit().url() + "//";
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url();
    }
}
