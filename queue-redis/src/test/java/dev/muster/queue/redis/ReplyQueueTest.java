package dev.muster.queue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplyQueueTest {
    private static final Queue REPLIES =
            new Queue(
                    "oid.reply.celery.pidbox",
                    Exchange.direct("reply.celery.pidbox"),
                    "oid",
                    Queue.Lifetime.REPLIES,
                    Map.of());

    private final Redis redis = Redis.database();

    @Test
    void anUnreadReplyExpiresAndATaskDoesNot() {
        try (var client = redis.broker(Map.of());
                var worker = redis.broker(Map.of())) {
            client.declare(REPLIES);

            worker.publish(
                    List.of(
                            new Publication("reply.celery.pidbox", "oid", Redis.message("pong")),
                            Redis.to("tasks", "work")));

            assertThat(redis.command("TTL", REPLIES.name())).isIn("300", "299");
            assertThat(redis.command("TTL", "tasks")).isEqualTo("-1");
        }
    }

    @Test
    void closingItsReaderLeavesNothingBehind() {
        try (var client = redis.broker(Map.of());
                var worker = redis.broker(Map.of())) {
            client.declare(REPLIES);
            try (var consumer = client.consume(List.of(REPLIES), 0)) {
                for (var text : List.of("read", "unread")) {
                    worker.publish(
                            List.of(
                                    new Publication(
                                            "reply.celery.pidbox", "oid", Redis.message(text))));
                }
                assertThat(Redis.body(Redis.take(consumer, 1).getFirst())).isEqualTo("read");
                assertThat(redis.command("EXISTS", "unacked")).isEqualTo("0");
            }
        }
        assertThat(redis.command("KEYS", "*")).isIn("", Redis.SIGN_OF_LIFE);
    }
}
