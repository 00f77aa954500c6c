package dev.muster.queue.amqp;

import static dev.muster.queue.amqp.Brokers.newQueue;
import static dev.muster.queue.amqp.Brokers.takeExactly;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.rpc.RpcResultStoreProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import dev.muster.testkit.Python;
import dev.muster.testkit.Servers;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Messages to and from py-amqp, the library below Celery.
class PythonPeerTest {
    private static final String READ =
            """
            import sys
            import amqp
            host, queue = sys.argv[1:]
            connection = amqp.Connection(host, 'guest', 'guest')
            connection.connect()
            message = connection.channel().basic_get(queue, no_ack=True)
            for name, value in message.headers.items():
                print(name, type(value).__name__, repr(value))
            for name in sorted(message.properties):
                if name != 'application_headers':
                    print(name, repr(message.properties[name]))
            print(message.body)
            connection.close()
            """;

    @Test
    void pythonReadsWhatWeWrite() {
        var headers = new LinkedHashMap<String, @Nullable Object>();
        headers.put("text", "größe");
        headers.put("yes", true);
        headers.put("int", -7);
        headers.put("small long", 7L);
        headers.put("long", 1L << 40);
        headers.put("double", 0.5);
        headers.put("none", null);
        headers.put("timelimit", Arrays.asList(null, 10, 2.5));
        headers.put("stamps", Map.of("k", List.of("v")));
        var queue = newQueue();
        try (var broker = Brokers.open(Servers.rabbit().url())) {
            broker.declare(queue);
            var properties = new Message.Properties("corr", "reply", true, 3, 60_000L);
            broker.publish(
                    List.of(
                            new Publication(
                                    "",
                                    queue.name(),
                                    new Message(
                                            "[]".getBytes(UTF_8),
                                            "application/json",
                                            "utf-8",
                                            headers,
                                            properties))));
        }

        var lines =
                Python.program(READ)
                        .withArguments("127.0.0.1:" + Servers.rabbit().port(), queue.name())
                        .run();

        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "text str 'größe'",
                        "yes bool True",
                        "int int -7",
                        "small long int 7",
                        "long int 1099511627776",
                        "double float 0.5",
                        "none NoneType None",
                        "timelimit list [None, 10, 2.5]",
                        "stamps dict {'k': ['v']}",
                        "content_encoding 'utf-8'",
                        "content_type 'application/json'",
                        "correlation_id 'corr'",
                        "delivery_mode 2",
                        "expiration '60000'",
                        "priority 3",
                        "reply_to 'reply'",
                        "[]");
    }

    private static final String WRITE =
            """
            import sys
            from datetime import datetime
            from decimal import Decimal
            import amqp
            host, queue = sys.argv[1:]
            connection = amqp.Connection(host, 'guest', 'guest')
            connection.connect()
            connection.channel().basic_publish(amqp.Message(
                'body', content_type='text/plain', content_encoding='utf-8', delivery_mode=2,
                application_headers={
                    'text': 'größe', 'yes': True, 'int': -7, 'double': 0.5, 'none': None,
                    'big': 2 ** 40, 'negative': -2 ** 40, 'list': [1, None, ['x', 2 ** 33]],
                    'map': {'k': {'l': 2 ** 34}}, 'decimal': Decimal('12.50'),
                    'time': datetime(2023, 11, 14, 22, 13, 20)}),
                routing_key=queue)
            connection.close()
            """;

    @Test
    void weReadWhatPythonWrites() {
        var queue = newQueue();
        try (var broker = Brokers.open(Servers.rabbit().url())) {
            broker.declare(queue);
            Python.program(WRITE)
                    .withArguments("127.0.0.1:" + Servers.rabbit().port(), queue.name())
                    .run();

            try (var consumer = broker.consume(List.of(queue), 1)) {
                var delivery = takeExactly(consumer, 1).getFirst();
                delivery.ack();

                assertThat(delivery.defect()).isEmpty();
                var expected = new LinkedHashMap<String, @Nullable Object>();
                expected.put("text", "größe");
                expected.put("yes", true);
                expected.put("int", -7);
                expected.put("double", 0.5);
                expected.put("none", null);
                expected.put("big", 1L << 40);
                expected.put("negative", -(1L << 40));
                expected.put("list", Arrays.asList(1, null, List.of("x", 1L << 33)));
                expected.put("map", Map.of("k", Map.of("l", 1L << 34)));
                expected.put("decimal", "12.50");
                expected.put("time", "2023-11-14T22:13:20Z");
                assertThat(delivery.message().headers()).isEqualTo(expected);
                assertThat(delivery.message().properties().persistent()).isTrue();
                assertThat(delivery.message().contentType()).isEqualTo("text/plain");
            }
        }
    }

    private static final String CALL =
            """
            import sys
            from celery import Celery
            url, queue = sys.argv[1:]
            app = Celery(broker=url, backend='rpc://')
            good = app.send_task('java.good', [1, 2], queue=queue)
            bad = app.send_task('java.bad', queue=queue)
            print(good.get(timeout=60))
            try:
                bad.get(timeout=60)
            except Exception as e:
                print(type(e).__name__, e)
            """;

    @Test
    void pythonGetsResultsThroughRpc() throws Exception {
        var queue = newQueue();
        var environment = Environment.of(Settings.DEFAULT);
        try (var broker = Brokers.open(Servers.rabbit().url());
                var results =
                        new RpcResultStoreProvider()
                                .open(ServiceUrl.parse("rpc://"), environment, broker);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            broker.declare(queue);
            var client =
                    threads.submit(() ->
                            Python.program(CALL)
                                    .withArguments(Servers.rabbit().url(), queue.name())
                                    .run());
            try (var consumer = broker.consume(List.of(queue), 2)) {
                for (var delivery : takeExactly(consumer, 2)) {
                    var properties = delivery.message().properties();
                    var id = String.valueOf(properties.correlationId());
                    var isGood = "java.good".equals(delivery.message().headers().get("task"));
                    results.store(
                            record(id, State.STARTED, Map.of("pid", 1, "hostname", "j@h")),
                            properties.replyTo());
                    results.store(
                            isGood
                                    ? record(id, State.SUCCESS, 42L)
                                    : record(
                                            id,
                                            State.FAILURE,
                                            Map.of(
                                                    "exc_type",
                                                    "ValueError",
                                                    "exc_message",
                                                    List.of("no good"),
                                                    "exc_module",
                                                    "builtins")),
                            properties.replyTo());
                    delivery.ack();
                }
            }

            assertThat(client.get(90, TimeUnit.SECONDS))
                    .containsExactly("42", "ValueError no good");
        }
    }

    private static ResultRecord record(String id, State state, Object result) {
        var done = state.isReady() ? Instant.now() : null;
        return new ResultRecord(id, state, result, null, done, Map.of());
    }
}
