package dev.muster.queue;

import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ServiceUrl;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A broker in memory whose consumers fail, and which is away, as a test says: the URL is
/// `faulty:`.
final class FaultyBroker implements Broker {
    private final Broker broker;
    private final Target tasks = new Target();
    private final Target commands = new Target();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger openings = new AtomicInteger();
    private volatile boolean away;

    /// What consumers of one kind are to throw, and the last of them.
    private static final class Target {
        private final java.util.Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private volatile @Nullable Consumer consumer;

        private void wake() {
            var waiting = consumer;
            if (waiting != null) {
                waiting.cancel();
            }
        }
    }

    private FaultyBroker(Broker broker) {
        this.broker = broker;
    }

    /// What the next calls of [Consumer#take] for tasks throw, one after the other.
    void failNextTake(Throwable failure) {
        tasks.failures.add(failure);
        tasks.wake();
    }

    /// What the next call of [Consumer#take] for commands to workers throws.
    void failNextCommand(Throwable failure) {
        commands.failures.add(failure);
        commands.wake();
    }

    /// From now on the broker cannot be reached, or can again.
    void setAway(boolean value) {
        away = value;
        tasks.wake();
    }

    /// Whether a consumer of tasks was opened after another.
    boolean isReopened() {
        return openings.get() > 1;
    }

    /// How often it was called while it was away.
    int refusals() {
        return refusals.get();
    }

    private void check() {
        if (away) {
            refusals.incrementAndGet();
            throw BrokerException.unreachable("faulty:", null);
        }
    }

    @Override
    public void declare(Queue queue) {
        check();
        broker.declare(queue);
    }

    @Override
    public void publish(List<Publication> messages) {
        check();
        broker.publish(messages);
    }

    @Override
    public Consumer consume(Collection<Queue> queues, int prefetch) {
        check();
        var opened = broker.consume(queues, prefetch);
        var target = target(queues);
        target.consumer = opened;
        if (target == tasks) {
            openings.incrementAndGet();
        }
        return new FaultyConsumer(opened, target);
    }

    /// Those of replies are none that a test fails.
    private Target target(Collection<Queue> queues) {
        var first = queues.iterator().next();
        if (first.lifetime() == Queue.Lifetime.DURABLE) {
            return tasks;
        }
        return first.exchange().type() == Exchange.Type.FANOUT ? commands : new Target();
    }

    @Override
    public long length(String queue) {
        return broker.length(queue);
    }

    @Override
    public long purge(String queue) {
        return broker.purge(queue);
    }

    @Override
    public String description() {
        return "faulty:";
    }

    @Override
    public void close() {
        broker.close();
    }

    private final class FaultyConsumer implements Consumer {
        private final Consumer consumer;
        private final Target target;

        private FaultyConsumer(Consumer consumer, Target target) {
            this.consumer = consumer;
            this.target = target;
        }

        @Override
        public List<Delivery> take(int max, Duration timeout) {
            fail();
            var taken = consumer.take(max, timeout);
            fail();
            return taken;
        }

        private void fail() {
            switch (target.failures.poll()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> check();
            }
        }

        @Override
        public void prefetch(int count) {
            consumer.prefetch(count);
        }

        @Override
        public void cancel() {
            consumer.cancel();
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    public static final class Provider implements BrokerProvider {
        @Override
        public Set<String> schemes() {
            return Set.of("faulty");
        }

        @Override
        public Broker open(ServiceUrl url, Environment environment) {
            return new FaultyBroker(new MemoryBrokerProvider().open(url, environment));
        }
    }
}
