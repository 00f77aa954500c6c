package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class MemoryDelayTest extends DelayContract {
    private final Broker broker = open(Environment.of(Settings.DEFAULT));

    private static Broker open(Environment environment) {
        return new MemoryBrokerProvider().open(ServiceUrl.parse("memory:"), environment);
    }

    @Override
    protected Broker openBroker() {
        return broker;
    }

    @Test
    void aReaderThatWaitsIsWokenByTheTurningOfTheClock() throws Exception {
        var clock = new FakeClock();
        var broker = open(new Environment(Settings.DEFAULT, clock, RandomGenerator.getDefault()));
        var queue = Queue.named("tomorrow");
        broker.declare(queue);
        var message = new Message(new byte[0], null, null, Map.of(), Message.Properties.DEFAULT);
        var due = clock.instant().plus(Duration.ofDays(1));
        broker.publish(List.of(new Publication("", queue.name(), message, due)));
        try (Consumer consumer = broker.consume(List.of(queue), 0)) {
            var taken =
                    CompletableFuture.supplyAsync(() -> consumer.take(1, Duration.ofMinutes(10)));

            clock.advance(Duration.ofDays(1).minusMillis(1));
            assertThat(broker.length(queue.name())).isZero();
            clock.advance(Duration.ofMillis(1));

            assertThat(taken.get(60, TimeUnit.SECONDS)).hasSize(1);
        }
    }
}
