package dev.muster.queue.events;

import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Publication;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells what happens on a node. It never blocks and never throws: events go out on a thread of its
/// own, those about tasks many at a time. While the broker is away, or too slow, events are
/// dropped. Thread-safe.
public final class EventSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventSender.class);

    /// No event: the last of all.
    private static final Map<String, @Nullable Object> END = Map.of();

    private static final int MOST_WAITING = 10_000;
    private static final int BATCH = 100;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /// How long the last events may take to go out.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Broker broker;
    private final Serializers serializers;
    private final LogicalClock logicalClock;
    private final EventWire wire;
    private final InstantSource clock;
    private final String node;
    private final LinkedBlockingQueue<Map<String, @Nullable Object>> waiting =
            new LinkedBlockingQueue<>(MOST_WAITING);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    /// @param node whose events these are
    public EventSender(
            Broker broker,
            Serializers serializers,
            LogicalClock logicalClock,
            Environment environment,
            String node) {
        this.broker = broker;
        this.serializers = serializers;
        this.logicalClock = logicalClock;
        this.wire = new EventWire(environment.settings());
        this.clock = environment.clock();
        this.node = node;
        this.thread = Thread.ofVirtual().name("events-" + node).start(this::run);
    }

    /// Tells that something has happened now.
    ///
    /// @param type such as `task-received`
    /// @param fields besides those that all events have, as plain data
    public void send(String type, Map<String, ? extends @Nullable Object> fields) {
        var event = new LinkedHashMap<String, @Nullable Object>(fields);
        event.put("type", type);
        event.put("hostname", node);
        event.put("timestamp", clock.instant().toEpochMilli() / 1000.0);
        event.put("pid", ProcessHandle.current().pid());
        event.put("clock", logicalClock.next());
        if (!closed && !waiting.offer(event) && dropped.getAndIncrement() == 0) {
            LOG.warn("events are dropped, as the broker is away or too slow");
        }
    }

    private void run() {
        try {
            for (var first = waiting.take(); !first.isEmpty(); first = waiting.take()) {
                var events = new ArrayList<Map<String, @Nullable Object>>(List.of(first));
                while (events.size() < BATCH && isEvent(waiting.peek())) {
                    events.add(waiting.take());
                }
                publish(events);
            }
        } catch (InterruptedException e) {
            LOG.debug("the last events are lost");
        }
    }

    private static boolean isEvent(@Nullable Map<String, @Nullable Object> next) {
        return next != null && !next.isEmpty();
    }

    private void publish(List<Map<String, @Nullable Object>> events) throws InterruptedException {
        try {
            broker.declare(wire.exchange());
            broker.publish(publications(events));
            tellDropped();
        } catch (EncodeException e) {
            LOG.debug("{} events are lost: {}", events.size(), e.getMessage());
        } catch (BrokerException e) {
            if (e.isUnroutable()) {
                return; // nobody listens
            }
            LOG.debug("{} events are lost: {}", events.size(), e.getMessage());
            if (!closed) {
                Thread.sleep(PAUSE);
            }
        } catch (RuntimeException e) { // the worker goes on without
            LOG.error("events could not be sent", e);
        }
    }

    /// Once the broker has caught up: where it stays too slow, this would be told with each batch.
    private void tellDropped() {
        if (waiting.isEmpty() && dropped.get() > 0) {
            LOG.warn("{} events were dropped", dropped.getAndSet(0));
        }
    }

    /// Those about tasks in one message, each other in one of its own, as Celery sends them.
    private List<Publication> publications(List<Map<String, @Nullable Object>> events) {
        var publications = new ArrayList<Publication>();
        var tasks = new ArrayList<Map<String, @Nullable Object>>();
        for (var event : events) {
            var type = String.valueOf(event.get("type"));
            if (type.startsWith("task-")) {
                tasks.add(event);
            } else {
                publications.add(
                        wire.publication(serializers, type.replace('-', '.'), node, event));
            }
        }
        if (!tasks.isEmpty()) {
            publications.add(wire.publication(serializers, "task.multi", node, tasks));
        }
        return publications;
    }

    /// Sends what waits, if that is soon done; nothing that comes later. Twice is harmless.
    @Override
    public void close() {
        closed = true;
        while (!waiting.offer(END)) {
            waiting.poll(); // the oldest makes room
        }
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
