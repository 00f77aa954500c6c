package dev.muster.queue.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import dev.muster.queue.spi.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportOptionsTest {
    private final Redis redis = Redis.database();

    @Test
    void namesTheNearestOfTheOptions() {
        assertThatThrownBy(() -> redis.broker(Map.of("visibility_timout", 5)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll(
                        "broker_transport_options", "visibility_timout", "visibility_timeout");
    }

    @ParameterizedTest
    @CsvSource({
        "visibility_timeout, soon",
        "visibility_timeout, 0",
        "priority_steps, high",
        "queue_order_strategy, random",
        "fanout_patterns, perhaps",
        "sep, ''"
    })
    void refusesWhatMakesNoSense(String name, String value) {
        assertThatThrownBy(() -> redis.broker(Map.of(name, value)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(name);
    }

    @Test
    void kombusOptionsForItsConnectionPoolAreAccepted() {
        redis.broker(Map.of("max_connections", 20, "health_check_interval", 5)).close();
    }

    @Test
    void refusesADatabaseThatIsNoNumber() {
        assertThatThrownBy(() -> Redis.broker("redis://:secret@localhost/main", Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("main")
                .hasMessageNotContaining("secret");
    }

    @Test
    void everyKeyHasTheGlobalPrefix() {
        var queue = Queue.named("q");
        try (var broker = redis.broker(Map.of("global_keyprefix", "pfx-", "lease", "300ms"));
                var consumer = broker.consume(List.of(queue), 0)) {
            broker.declare(queue);
            broker.publish(List.of(Redis.to("q", "1"), Redis.to("q", "2")));
            Redis.take(consumer, 1);

            var keys = String.valueOf(redis.command("KEYS", "*")).lines().toList();

            assertThat(keys)
                    .contains("pfx-q", "pfx-unacked", "pfx-unacked_index", "pfx-muster.leases")
                    .contains("pfx-_kombu.binding.q")
                    .allMatch(key -> key.startsWith("pfx-"));
        }
    }

    @ParameterizedTest
    @CsvSource({"'',''", "app,app_", "app_,app_", "app:,app:", "app.,app.", "app-,app-"})
    void resultKeysHaveAPrefixOfTheirOwn(String prefix, String expected) {
        var settings =
                Settings.DEFAULT.with(
                        "result_backend_transport_options", Map.of("global_keyprefix", prefix));
        try (var store = Redis.store(redis.url(), settings)) {
            store.store(new ResultRecord("id", State.SUCCESS, 1, null, null, Map.of()), null);

            assertThat(redis.command("KEYS", "*")).isEqualTo(expected + "celery-task-meta-id");
            assertThat(redis.command("TTL", expected + "celery-task-meta-id")).isEqualTo("86400");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "round_robin, b a c b a c b a c",
        "sorted, a a a b b b c c c",
        "priority, b b b a a a c c c"
    })
    void servesQueuesInTheOrderAskedFor(String strategy, String expected) {
        var queues = List.of(Queue.named("b"), Queue.named("a"), Queue.named("c"));
        try (var broker = redis.broker(Map.of("queue_order_strategy", strategy));
                var consumer = broker.consume(queues, 0)) {
            for (var queue : queues) {
                for (var number = 0; number < 3; number++) {
                    broker.publish(List.of(Redis.to(queue.name(), "m")));
                }
            }
            var order = new ArrayList<String>();
            while (order.size() < 9) {
                Redis.take(consumer, 1).stream().map(Delivery::routingKey).forEach(order::add);
            }

            assertThat(order).containsExactly(expected.split(" ", -1));
        }
    }

    @ParameterizedTest
    @CsvSource({"a.*.#, '^a\\..*?[^\\.]\\..*?$'", "x.y-z, '^x\\.y\\-z$'", "'', '^$'"})
    void writesTopicPatternsAsKombuDoes(String key, String expected) {
        assertThat(TopicPattern.kombuText(key)).isEqualTo(expected);
    }
}
