package dev.muster.queue.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventWireTest {
    @Test
    void settingsNameExchangeAndQueuesAndSayHowLongTheyLive() {
        var byDefault = new EventWire(Settings.DEFAULT).queue("#");
        assertThat(byDefault.exchange().name()).isEqualTo("celeryev");
        assertThat(byDefault.name()).startsWith("celeryev.");
        assertThat(byDefault.arguments())
                .isEqualTo(Map.of("x-message-ttl", 5_000L, "x-expires", 60_000L));

        var changed =
                new EventWire(
                                Settings.DEFAULT.withAll(
                                        Map.of(
                                                "event_exchange", "shopev",
                                                "event_queue_prefix", "shop",
                                                "event_queue_ttl", 1,
                                                "event_queue_expires", "2m")))
                        .queue("#");
        assertThat(changed.exchange().name()).isEqualTo("shopev");
        assertThat(changed.name()).startsWith("shop.");
        assertThat(changed.arguments())
                .isEqualTo(Map.of("x-message-ttl", 1_000L, "x-expires", 120_000L));
    }
}
