package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.Map;

/// What lies in Redis, and the URLs that lead there.
class RedisFuzzTest {
    private static final String KOMBU =
            """
            {"body": "W1sxXSwge30sIHt9XQ==", "content-encoding": "utf-8", "content-type": "application/json",
             "headers": {"lang": "py", "task": "tasks.add", "id": "c5c0", "redelivered": true},
             "properties": {"correlation_id": "c5c0", "reply_to": "q", "delivery_mode": 2,
               "expiration": "1000", "delivery_info": {"exchange": "", "routing_key": "celery", "redelivered": true},
               "priority": 3, "body_encoding": "base64", "delivery_tag": "t"}}
            """;

    /// What cannot be read has a defect; nothing is thrown.
    @FuzzTest
    void envelopes() {
        var message =
                new Message(
                        "[[1], {}, {}]".getBytes(UTF_8),
                        "application/json",
                        "utf-8",
                        Map.of("task", "tasks.add", "id", "c5c0"),
                        new Message.Properties("c5c0", "q", false, 3, 1000L));
        Fuzzer.of("envelopes in Redis")
                .seeds(KOMBU)
                .seeds(Envelope.write(new Publication("exchange", "key", message)).finish())
                .run(input -> {
                    var envelope = Envelope.read(input, "queue", 1 << 20);
                    Envelope.restored(input);
                    Envelope.restoredEnd(input);
                    if (envelope.defect().isEmpty()) {
                        Envelope.read(Envelope.restored(input).text(), "queue", 1 << 20);
                    }
                });
    }

    @FuzzTest
    void urls() {
        Fuzzer.of("URLs of Redis")
                .seeds(
                        "redis://:secret@localhost:6379/0?virtual_host=2",
                        "redis+socket:///tmp/redis.sock?virtual_host=2",
                        "redis://a;redis://b:1/3")
                .refusing(SettingsException.class)
                .runText(text ->
                        RedisServers.of(
                                ServiceUrl.parse(text),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(1),
                                Settings.DEFAULT,
                                Setting.BROKER_USE_SSL));
    }

    @FuzzTest
    void transportOptions() {
        Fuzzer.of("transport options of Redis")
                .seeds(
                        "{visibility_timeout: 3600, lease: 15, priority_steps: [0, 3], sep: ':', fanout_prefix: true, unacked_restore_limit: 10, queue_order_strategy: priority, socket_timeout: 5s}")
                .refusing(SettingsException.class)
                .runText(text -> {
                    var settings = Settings.DEFAULT.with("broker_transport_options", text);
                    TransportOptions.of(
                            "broker_transport_options",
                            settings.get(Setting.BROKER_TRANSPORT_OPTIONS),
                            Duration.ofSeconds(30));
                });
    }
}
