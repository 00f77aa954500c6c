package dev.muster.queue.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fuzz.LogCapture;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventSenderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// What fits into the sender, with the batch that is on its way.
    private static final int ROOM = 10_000 + 100;

    private final SlowBroker broker = new SlowBroker();

    private EventSender sender() {
        return new EventSender(
                broker,
                new Serializers(Settings.DEFAULT),
                new LogicalClock(),
                Environment.of(Settings.DEFAULT),
                "a@b");
    }

    /// Takes as many batches of events as the test lets it.
    private static final class SlowBroker implements Broker {
        private final Semaphore gate = new Semaphore(0);
        private final AtomicInteger batches = new AtomicInteger();

        @Override
        public void publish(List<Publication> messages) {
            gate.acquireUninterruptibly();
            batches.incrementAndGet();
        }

        @Override
        public void declare(Queue queue) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Consumer consume(Collection<Queue> queues, int prefetch) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long length(String queue) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long purge(String queue) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String description() {
            return "slow:";
        }

        @Override
        public void close() {}
    }

    private static void send(EventSender sender, int count) {
        for (var sent = 0; sent < count; sent++) {
            sender.send("task-started", Map.of("uuid", "t"));
        }
    }

    @Test
    void aBrokerThatStaysTooSlowIsToldOfOnce() {
        var sender = sender();
        try (var log = new LogCapture(EventSender.class)) {
            send(sender, ROOM + 1_000);
            for (var batch = 1; batch <= 20; batch++) {
                broker.gate.release();
                var taken = batch;
                Awaitility.await().atMost(PATIENCE).until(() -> broker.batches.get() >= taken);
                send(sender, 200);
            }
            assertThat(log.warnings())
                    .containsExactly("events are dropped, as the broker is away or too slow");

            broker.gate.release(1_000);
            Awaitility.await().atMost(PATIENCE).until(() -> log.warnings().size() == 2);
            assertThat(log.warnings().getLast()).matches("\\d{4} events were dropped");
        } finally {
            sender.close();
        }
    }

    /// Tried several times, as a busy machine may need longer now and then.
    @Test
    void closingASenderThatIsFullEndsItWhenItsEventsAreSent() {
        var limit = Duration.ofSeconds(2);
        assertThat(
                        Stream.generate(this::closeFull)
                                .limit(5)
                                .anyMatch(time -> time.compareTo(limit) < 0))
                .isTrue();
    }

    private Duration closeFull() {
        var sender = sender();
        send(sender, ROOM + 1_000);
        var start = System.nanoTime();
        var closing = Thread.ofPlatform().name("closing").start(sender::close);
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        broker.gate.release(1_000);
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !closing.isAlive());
        broker.gate.drainPermits();
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
