package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueuesTest {
    private static Queues queues(Map<String, ?> setting) {
        return new Queues(
                Settings.DEFAULT.with("task_queues", setting).with("task_queue_max_priority", 9));
    }

    @Test
    void aBroadcastIsReadFromAQueueOfTheWorkersOwnAndSentToItsExchangeOnly() {
        var queues = queues(Map.of("news", Map.of("broadcast", true)));

        var read = queues.toRead("news");
        assertThat(read.getFirst().name()).matches("bcast\\.[0-9a-f-]{36}");
        assertThat(read.getFirst().exchange())
                .isEqualTo(new Exchange("news", Exchange.Type.FANOUT, true));
        assertThat(read.getFirst().lifetime()).isEqualTo(Queue.Lifetime.REPLIES);
        assertThat(read.getFirst().arguments()).isEmpty();
        assertThat(queues.toRead("news").getFirst().name()).isNotEqualTo(read.getFirst().name());

        var route = queues.route(call("t").queue("news"));
        assertThat(route.queue()).isEmpty();
        assertThat(route.exchange()).isEqualTo("news");
        // As Celery fills it in: it is a part of the channel's name on Redis.
        assertThat(route.routingKey()).isEqualTo("celery");
        assertThat(read.getFirst().routingKey()).isEqualTo("celery");
        assertThat(queues.toConsume()).containsExactly("news");
    }

    @Test
    void whatIsTriedAgainGoesToAQueueThatTheWorkerReads() {
        var queues =
                queues(
                        Map.of(
                                "news",
                                Map.of("broadcast", true, "exchange", "press"),
                                "copies",
                                Map.of("exchange_type", "fanout"),
                                "some",
                                Map.of("exchange_type", "topic")));

        for (var name : new String[] {"news", "copies", "some", "other", "bcast.other"}) {
            var read = queues.toRead(name).stream().map(Queue::name).toList();
            var again = queues.toTryAgain(read.getFirst());
            assertThat(read).contains(again);
            assertThat(queues.toTryAgain(again)).isEqualTo(again);
        }
        assertThat(queues.toTryAgain("some")).isEqualTo("some");
    }

    @Test
    void aBroadcastWithAnotherKindOfExchangeIsRefused() {
        assertThatThrownBy(() ->
                        queues(Map.of("news", Map.of("broadcast", true, "exchange_type", "topic"))))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("'news'")
                .hasMessageContaining("topic");
    }
}
