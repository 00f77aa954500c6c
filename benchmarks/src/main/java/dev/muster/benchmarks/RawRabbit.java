package dev.muster.benchmarks;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The floor under every task queue on RabbitMQ: its own Java client, live, with the same
/// guarantees.
final class RawRabbit implements AutoCloseable {
    private static final int CONFIRM_WINDOW = 500;
    private static final int CONFIRM_MILLISECONDS = 30_000;
    private static final int PATIENCE_SECONDS = 60;
    private static final byte[] BODY =
            "[[], {}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]"
                    .getBytes(StandardCharsets.UTF_8);
    private static final byte[] RESULT =
            "{\"status\": \"SUCCESS\", \"result\": null, \"traceback\": null, \"children\": []}"
                    .getBytes(StandardCharsets.UTF_8);

    private final Connection publishing;
    private final Connection consuming;
    private final int prefetch;

    RawRabbit(String url, int prefetch) throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(url);
        this.publishing = factory.newConnection();
        this.consuming = factory.newConnection();
        this.prefetch = prefetch;
    }

    /// @return messages per second, published by one thread and confirmed in windows
    double send(int messages) throws Exception {
        try (var publisher = publishing.createChannel()) {
            publisher.confirmSelect();
            var queue = declare(publisher);
            var start = System.nanoTime();
            publish(publisher, queue, messages);
            var rate = messages / ((System.nanoTime() - start) / 1e9);
            publisher.queueDelete(queue);
            return rate;
        }
    }

    /// Publishes persistent messages, confirmed in windows, while a consumer acknowledges each.
    ///
    /// @return messages per second, from the first publish to the last acknowledgement
    double endToEnd(int messages) throws Exception {
        try (var publisher = publishing.createChannel();
                var consumer = consuming.createChannel()) {
            publisher.confirmSelect();
            var queue = declare(publisher);
            var done = new CountDownLatch(messages);
            consume(
                    consumer,
                    queue,
                    delivery -> {
                        acknowledge(consumer, delivery);
                        done.countDown();
                    });

            var start = System.nanoTime();
            publish(publisher, queue, messages);
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(done.getCount() + " messages did not arrive");
            }
            var rate = messages / ((System.nanoTime() - start) / 1e9);
            publisher.queueDelete(queue);
            return rate;
        }
    }

    /// A publish, its delivery, the publish of an answer and an acknowledgement, and the delivery
    /// of the answer, one after the other.
    ///
    /// @param confirmed whether it ends when the publish was confirmed, too
    /// @return the nanoseconds of each
    long[] roundTrips(int count, boolean confirmed) throws Exception {
        try (var publisher = publishing.createChannel();
                var receiver = publishing.createChannel();
                var consumer = consuming.createChannel()) {
            if (confirmed) {
                publisher.confirmSelect();
            }
            var queue = declare(publisher);
            var replies = receiver.queueDeclare().getQueue();
            var arrived = new Semaphore(0);
            receiver.basicConsume(
                    replies, true, (_, _) -> arrived.release(), (CancelCallback) _ -> {});
            consume(
                    consumer,
                    queue,
                    delivery -> {
                        consumer.basicPublish("", replies, null, RESULT);
                        acknowledge(consumer, delivery);
                    });
            var times = new long[count];
            for (var number = 0; number < count; number++) {
                var start = System.nanoTime();
                publisher.basicPublish("", queue, properties(number), BODY);
                if (!arrived.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("no answer came");
                }
                if (confirmed) {
                    publisher.waitForConfirmsOrDie(CONFIRM_MILLISECONDS);
                }
                times[number] = System.nanoTime() - start;
            }
            publisher.queueDelete(queue);
            return times;
        }
    }

    private static String declare(Channel channel) throws IOException {
        var queue = "raw-" + UUID.randomUUID();
        channel.queueDeclare(queue, true, false, false, Map.of());
        return queue;
    }

    private static void publish(Channel channel, String queue, int messages) throws Exception {
        for (var count = 1; count <= messages; count++) {
            channel.basicPublish("", queue, properties(count), BODY);
            if (count % CONFIRM_WINDOW == 0) {
                channel.waitForConfirmsOrDie(CONFIRM_MILLISECONDS);
            }
        }
        channel.waitForConfirmsOrDie(CONFIRM_MILLISECONDS);
    }

    /// What is done with a message.
    @FunctionalInterface
    private interface Handler {
        void handle(Delivery delivery) throws IOException;
    }

    private void consume(Channel channel, String queue, Handler handler) throws IOException {
        channel.basicQos(prefetch, true);
        channel.basicConsume(
                queue, false, (_, delivery) -> handler.handle(delivery), (CancelCallback) _ -> {});
    }

    private static void acknowledge(Channel channel, Delivery delivery) throws IOException {
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
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

    @Override
    public void close() throws IOException {
        publishing.close();
        consuming.close();
    }
}
