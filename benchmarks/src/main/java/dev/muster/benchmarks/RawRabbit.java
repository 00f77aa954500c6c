package dev.muster.benchmarks;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.MessageProperties;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/// The floor under every task queue on RabbitMQ: its own Java client, live, with the same
/// guarantees.
final class RawRabbit {
    /// As large as a task message's body and headers together.
    private static final int BODY = 600;

    private static final int CONFIRM_WINDOW = 500;

    private RawRabbit() {}

    /// Publishes persistent messages, confirmed in windows, while a consumer acknowledges each.
    ///
    /// @return messages per second, from the first publish to the last acknowledgement
    static double rate(String url, int messages, int prefetch) throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(url);
        try (var publishing = factory.newConnection();
                var consuming = factory.newConnection();
                var publisher = publishing.createChannel();
                var consumer = consuming.createChannel()) {
            var queue = "raw-" + UUID.randomUUID();
            publisher.queueDeclare(queue, true, false, false, Map.of());
            publisher.confirmSelect();
            var done = new CountDownLatch(messages);
            consumer.basicQos(prefetch, true);
            consumer.basicConsume(
                    queue, false, acknowledge(consumer, done), (CancelCallback) _ -> {});

            var start = System.nanoTime();
            var body = new byte[BODY];
            AMQP.BasicProperties persistent = MessageProperties.PERSISTENT_BASIC;
            for (var count = 1; count <= messages; count++) {
                publisher.basicPublish("", queue, persistent, body);
                if (count % CONFIRM_WINDOW == 0) {
                    publisher.waitForConfirmsOrDie(30_000);
                }
            }
            publisher.waitForConfirmsOrDie(30_000);
            done.await();
            var seconds = (System.nanoTime() - start) / 1e9;
            publisher.queueDelete(queue);
            return messages / seconds;
        }
    }

    private static DeliverCallback acknowledge(Channel channel, CountDownLatch done) {
        return (_, delivery) -> {
            channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
            done.countDown();
        };
    }
}
