package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class MemoryBrokerTest extends BrokerContract {
    private final FakeClock clock = new FakeClock();

    /// Every "process" of a test uses this one, because nobody else can reach its queues.
    private final Broker broker =
            ServiceLoader.load(BrokerProvider.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> provider.schemes().contains("memory"))
                    .findAny()
                    .orElseThrow()
                    .open(
                            ServiceUrl.parse("memory:"),
                            new Environment(Settings.DEFAULT, clock, RandomGenerator.getDefault()));

    @Override
    protected Broker openBroker() {
        return broker;
    }

    @Override
    protected List<Integer> prioritiesByUrgency() {
        return List.of(9, 5, 1, 0);
    }

    @Test
    void dropsAMessageThatExpiredUnread() {
        var queue = declared(broker, "expiration");
        var properties = new Message.Properties(null, null, true, null, 60_000L);
        var mortal = new Message(new byte[0], null, null, Map.of(), properties);
        broker.publish(List.of(to(queue, mortal), to(queue, message("stays"))));

        clock.advance(Duration.ofSeconds(59));
        assertThat(broker.length(queue.name())).isEqualTo(2);

        clock.advance(Duration.ofSeconds(1));
        assertThat(takeUnsettled(consumer(broker, 0, queue), 1))
                .extracting(BrokerContract::body)
                .containsExactly("stays");
    }
}
