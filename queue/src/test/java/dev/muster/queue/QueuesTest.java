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

    @Test
    void theDefaultQueueIsBoundAsTheSettingsSay() {
        var queues =
                new Queues(
                        Settings.DEFAULT.withAll(
                                Map.of(
                                        "task_default_queue", "mail",
                                        "task_default_exchange", "post",
                                        "task_default_exchange_type", "topic",
                                        "task_default_routing_key", "post.#")));

        assertThat(queues.named("mail").exchange())
                .isEqualTo(new Exchange("post", Exchange.Type.TOPIC, true));
        var route = queues.route(call("t"));
        assertThat(route.exchange()).isEqualTo("post");
        assertThat(route.routingKey()).isEqualTo("post.#");
        assertThat(queues.named("other").exchange()).isEqualTo(Exchange.direct("other"));
    }

    @Test
    void aQueueThatIsNotDescribedIsAnErrorWhereMissingQueuesAreNotCreated() {
        var settings = Settings.DEFAULT.with("task_create_missing_queues", false);

        var described =
                new Queues(
                        settings.with(
                                "task_queues", Map.of("feeds", Map.of("exchange_type", "fanout"))));
        assertThatThrownBy(() -> described.route(call("t").queue("feds")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll("'feds'", "task_create_missing_queues", "feeds");
        assertThat(described.toRead("feeds")).hasSize(2);

        var none = new Queues(settings);
        assertThat(none.named("celery").name()).isEqualTo("celery");
        assertThatThrownBy(() -> none.toRead("feeds")).hasMessageContaining("there are celery");
    }

    @Test
    void aMissingQueueGetsAnExchangeOfTheTypeThatTheSettingsSay() {
        var queues =
                new Queues(
                        Settings.DEFAULT.with("task_create_missing_queue_exchange_type", "fanout"));

        assertThat(queues.named("feeds").exchange())
                .isEqualTo(new Exchange("feeds", Exchange.Type.FANOUT, true));
        var read = queues.toRead("feeds").stream().map(Queue::name).toList();
        assertThat(read).contains(queues.toTryAgain("feeds"));
        assertThat(queues.toTryAgain(queues.toTryAgain("feeds"))).isIn(read);
    }

    @Test
    void aWorkersOwnQueueIsNamedAndBoundAsCeleryDoesIt() {
        var queues = new Queues(Settings.DEFAULT.with("worker_direct", true));

        var own = queues.directTo("muster@web1");
        assertThat(own)
                .isEqualTo(
                        new Queue(
                                "muster@web1.dq2",
                                Exchange.direct("C.dq2"),
                                "muster@web1",
                                Queue.Lifetime.DURABLE,
                                Map.of()));
        assertThat(queues.route(call("t").queue("muster@web1.dq2")).queue()).contains(own);
    }
}
