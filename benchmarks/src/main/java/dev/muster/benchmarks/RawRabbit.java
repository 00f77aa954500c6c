package dev.muster.benchmarks;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DeliverCallback;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// The floor under every task queue on RabbitMQ: its own Java client, live, with the same
/// guarantees.
final class RawRabbit {
    private static final int CONFIRM_WINDOW = 500;
    private static final byte[] BODY =
            "[[], {}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]"
                    .getBytes(StandardCharsets.UTF_8);

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
            for (var count = 1; count <= messages; count++) {
                publisher.basicPublish("", queue, properties(count), BODY);
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

    /// Properties and headers as every task message has them: the server reads them all.
    private static AMQP.BasicProperties properties(int number) {
        var id = new UUID(0, number).toString();
        var headers = new LinkedHashMap<String, @Nullable Object>();
        headers.put("lang", "java");
        headers.put("task", "bench.noop");
        headers.put("id", id);
        for (var name :
                List.of(
                        "shadow",
                        "eta",
                        "expires",
                        "group",
                        "group_index",
                        "parent_id",
                        "stamped_headers")) {
            headers.put(name, null);
        }
        headers.put("retries", 0);
        headers.put("timelimit", Arrays.asList(null, null));
        headers.put("root_id", id);
        headers.put("argsrepr", "()");
        headers.put("kwargsrepr", "{}");
        headers.put("origin", "gen4711@host");
        headers.put("ignore_result", true);
        headers.put("replaced_task_nesting", 0);
        headers.put("stamps", Map.of());
        return new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .contentEncoding("utf-8")
                .headers(headers)
                .deliveryMode(2)
                .priority(0)
                .correlationId(id)
                .replyTo(id)
                .build();
    }

    private static DeliverCallback acknowledge(Channel channel, CountDownLatch done) {
        return (_, delivery) -> {
            channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
            done.countDown();
        };
    }
}
