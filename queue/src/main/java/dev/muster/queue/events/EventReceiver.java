package dev.muster.queue.events;

import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Hears all events from when it was opened on, those of Celery's nodes included. Used by one
/// thread; closed by any.
public final class EventReceiver implements AutoCloseable {
    private static final int BATCH = 1000;

    private final Serializers serializers;
    private final LogicalClock clock;
    private final Consumer consumer;

    /// @throws BrokerException when the broker cannot be reached
    public EventReceiver(
            Broker broker, Serializers serializers, LogicalClock clock, Settings settings) {
        this.serializers = serializers;
        this.clock = clock;
        var queue = new EventWire(settings).queue("#");
        broker.declare(queue);
        this.consumer = broker.consume(List.of(queue), 0);
    }

    /// Waits for events.
    ///
    /// @return in the order in which they came; empty when none has come by then
    /// @throws BrokerException when the connection is lost: the receiver is then useless
    public List<Event> take(Duration timeout) {
        var events = new ArrayList<Event>();
        for (var delivery : consumer.take(BATCH, timeout)) {
            events.addAll(EventWire.read(serializers, delivery.message()));
        }
        events.forEach(event -> clock.saw(event.fields().get("clock")));
        return events;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
