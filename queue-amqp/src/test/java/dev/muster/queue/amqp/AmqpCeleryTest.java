package dev.muster.queue.amqp;

import dev.muster.testkit.CeleryContract;
import dev.muster.testkit.Servers;
import java.util.List;
import org.junit.jupiter.api.Nested;

/// Celery with RabbitMQ as the broker.
class AmqpCeleryTest {
    @Nested
    class WithResultsAsMessages extends CeleryContract {
        @Override
        protected String brokerUrl() {
            return Servers.rabbit().url() + "//";
        }

        @Override
        protected String resultBackend() {
            return "rpc://";
        }

        @Override
        protected List<Integer> prioritiesByUrgency() {
            return List.of(9, 5, 0);
        }
    }

    @Nested
    class WithResultsInRedis extends CeleryContract {
        @Override
        protected String brokerUrl() {
            return Servers.rabbit().url() + "//";
        }

        @Override
        protected String resultBackend() {
            return Servers.redis().url();
        }

        @Override
        protected List<Integer> prioritiesByUrgency() {
            return List.of(9, 5, 0);
        }
    }
}
