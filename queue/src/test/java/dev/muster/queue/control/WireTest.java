package dev.muster.queue.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WireTest {
    @Test
    void queuesOfCommandsAreThoseThatCeleryDeclares() {
        var wire = new Wire(Settings.DEFAULT);

        assertThat(wire.commandsOf("a@h").name()).isEqualTo("a@h.celery.pidbox");
        assertThat(wire.commandsOf("a@h").exchange().name()).isEqualTo("celery.pidbox");
        assertThat(wire.repliesTo("me").name()).isEqualTo("me.reply.celery.pidbox");
        assertThat(wire.repliesTo("me").exchange().name()).isEqualTo("reply.celery.pidbox");
        assertThat(wire.repliesTo("me").arguments())
                .isEqualTo(Map.of("x-message-ttl", 300_000L, "x-expires", 10_000L));
    }

    @Test
    void settingsNameTheExchangesAndSayHowLongQueuesLive() {
        var wire =
                new Wire(
                        Settings.DEFAULT.withAll(
                                Map.of(
                                        "control_exchange", "shop",
                                        "control_queue_ttl", "1m",
                                        "control_queue_expires", "30s")));

        assertThat(wire.commandsOf("a@h").name()).isEqualTo("a@h.shop.pidbox");
        assertThat(wire.ticket("id", "me").exchange()).isEqualTo("reply.shop.pidbox");
        assertThat(wire.commandsOf("a@h").arguments())
                .isEqualTo(Map.of("x-message-ttl", 60_000L, "x-expires", 30_000L));
    }
}
