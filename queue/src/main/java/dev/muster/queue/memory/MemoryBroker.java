package dev.muster.queue.memory;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.TurnableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The broker whose queues are in this object. The greater number is the more urgent priority, as
/// with RabbitMQ, but no queue has to be declared for it.
///
/// One lock guards all queues and consumers: every operation is short, and none waits inside but on
/// a condition.
final class MemoryBroker implements Broker {
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();

    /// The following are guarded by the lock.
    private final Map<String, MemoryQueue> queues = new HashMap<>();

    private final Map<String, MemoryExchange> exchanges = new HashMap<>();
    private long published;

    MemoryBroker(InstantSource clock) {
        this.clock = clock;
    }

    private void wakeReaders(MemoryQueue queue) {
        lock.lock();
        try {
            queue.readers().forEach(MemoryConsumer::wake);
        } finally {
            lock.unlock();
        }
    }

    /// How long a reader of the queues may sleep, in nanoseconds, before a message is due that was
    /// kept back. A clock that is turned wakes it. The caller holds the lock.
    long nanosToNextDue(Collection<MemoryQueue> read) {
        if (clock instanceof TurnableClock) {
            return Long.MAX_VALUE;
        }
        return read.stream()
                .flatMap(queue -> queue.nextDue().stream())
                .min(Comparator.naturalOrder())
                .map(due -> TimeUnit.NANOSECONDS.convert(Duration.between(now(), due)))
                .orElse(Long.MAX_VALUE);
    }

    ReentrantLock lock() {
        return lock;
    }

    Instant now() {
        return clock.instant();
    }

    @Override
    public void declare(Queue queue) {
        lock.lock();
        try {
            var known = queues.get(queue.name());
            if (known != null && !sameProperties(known.declaration(), queue)) {
                throw BrokerException.refused(
                        "queue %s exists with other properties: %s instead of %s"
                                .formatted(queue.name(), known.declaration(), queue),
                        null);
            }
            var exchange = queue.exchange();
            var knownExchange = exchanges.get(exchange.name());
            if (knownExchange != null && !knownExchange.declaration().equals(exchange)) {
                throw BrokerException.refused(
                        "exchange %s exists with other properties: %s instead of %s"
                                .formatted(exchange.name(), knownExchange.declaration(), exchange),
                        null);
            }
            queues.computeIfAbsent(queue.name(), _ -> new MemoryQueue(queue));
            if (!exchange.name().isEmpty()) {
                exchanges
                        .computeIfAbsent(exchange.name(), _ -> new MemoryExchange(exchange))
                        .bind(queue.routingKey(), queue.name());
            }
        } finally {
            lock.unlock();
        }
    }

    /// A second declaration may add a binding, but not change the queue itself.
    private static boolean sameProperties(Queue one, Queue other) {
        return one.lifetime() == other.lifetime() && one.arguments().equals(other.arguments());
    }

    @Override
    public void publish(List<Publication> messages) {
        lock.lock();
        try {
            var routes = messages.stream().map(this::route).toList();
            for (var index = 0; index < messages.size(); index++) {
                var publication = messages.get(index);
                for (var queue : routes.get(index)) {
                    add(queue, publication);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(MemoryQueue queue, Publication publication) {
        var due = publication.notBefore();
        if (due != null && due.isAfter(now())) {
            queue.addLater(due, entry(publication));
            if (clock instanceof TurnableClock turnable) {
                var _ = turnable.at(due, () -> wakeReaders(queue));
            }
        } else {
            queue.add(entry(publication));
        }
    }

    private List<MemoryQueue> route(Publication publication) {
        var names = new LinkedHashSet<String>();
        if (publication.exchange().isEmpty()) {
            names.add(publication.routingKey());
        } else {
            var exchange = exchanges.get(publication.exchange());
            if (exchange != null) {
                names.addAll(exchange.route(publication.routingKey()));
            }
        }
        var targets = new ArrayList<MemoryQueue>();
        for (var name : names) {
            var queue = queues.get(name);
            if (queue != null) {
                targets.add(queue);
            }
        }
        if (targets.isEmpty()) {
            throw BrokerException.unroutable(description(), publication);
        }
        return targets;
    }

    private MemoryQueue.Entry entry(Publication publication) {
        var expiration = publication.message().properties().expirationMillis();
        return new MemoryQueue.Entry(
                publication.message(),
                publication.exchange(),
                publication.routingKey(),
                published++,
                expiration == null ? null : now().plusMillis(expiration),
                false);
    }

    @Override
    public Consumer consume(Collection<Queue> names, int prefetch) {
        lock.lock();
        try {
            var read = new ArrayList<MemoryQueue>();
            for (var name : names) {
                read.add(declared(name.name()));
            }
            var consumer = new MemoryConsumer(this, read, prefetch);
            read.forEach(queue -> queue.readers().add(consumer));
            return consumer;
        } finally {
            lock.unlock();
        }
    }

    private MemoryQueue declared(String name) {
        var queue = queues.get(name);
        if (queue == null) {
            throw BrokerException.refused(
                    "there is no queue %s to consume; declare it first".formatted(name), null);
        }
        return queue;
    }

    /// The reader of a REPLIES queue has gone. The caller holds the lock.
    void delete(MemoryQueue queue) {
        var name = queue.declaration().name();
        queues.remove(name, queue);
        exchanges.values().forEach(exchange -> exchange.unbind(name));
    }

    @Override
    public long length(String queue) {
        lock.lock();
        try {
            return length(queues.get(queue));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long purge(String queue) {
        lock.lock();
        try {
            var known = queues.get(queue);
            var count = length(known);
            if (known != null) {
                known.clear();
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private long length(@Nullable MemoryQueue queue) {
        return queue == null ? 0 : queue.length(now());
    }

    @Override
    public String description() {
        return "memory:";
    }

    /// Nothing to free: the queues go with this object.
    @Override
    public void close() {}
}
