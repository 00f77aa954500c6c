package dev.muster.queue.amqp;

import com.rabbitmq.client.Connection;
import dev.muster.queue.spi.Batcher;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// RabbitMQ as a broker.
///
/// One connection declares and publishes; each consumer has one of its own, because RabbitMQ stops
/// reading from a connection that publishes when it runs out of memory or disk, and
/// acknowledgements must get through then. A broken connection is opened again by its next use.
///
/// Every publish is confirmed by the server. Persistent messages are mandatory as well: when no
/// queue takes them, the publish fails. Transient ones (replies, events, control messages) may be
/// dropped when nobody listens.
final class AmqpBroker implements Broker {
    /// How many callers share one wait for the server's confirmation.
    private static final int BATCH_LIMIT = 500;

    private static final Logger LOG = LoggerFactory.getLogger(AmqpBroker.class);

    private final ConnectionOpener opener;
    private final InstantSource clock;
    private final String delayQueueType;
    private final Batcher<PublishRequest> batcher = new Batcher<>(BATCH_LIMIT, this::publishBatch);
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock.
    private @Nullable Session session;

    /// Guarded by the lock.
    private boolean isClosed;

    /// The quorum queues that were declared, by their names: RabbitMQ keeps messages for them back.
    private final Map<String, Queue> quorumQueues = new ConcurrentHashMap<>();

    private volatile boolean cannotDelay;

    /// @param delayQueueType `quorum` or `classic`
    AmqpBroker(ConnectionOpener opener, InstantSource clock, String delayQueueType) {
        this.opener = opener;
        this.clock = clock;
        this.delayQueueType = delayQueueType;
    }

    @Override
    public void declare(Queue queue) {
        session().declare(queue);
        if (DelayLevels.serve(queue)) {
            quorumQueues.put(queue.name(), queue);
        }
    }

    @Override
    public void declare(Exchange exchange) {
        session().declare(exchange);
    }

    @Override
    public void publish(List<Publication> messages) {
        if (messages.isEmpty()) {
            return;
        }
        var routed =
                quorumQueues.isEmpty() ? messages : messages.stream().map(this::route).toList();
        var request = PublishRequest.of(routed);
        session().requireExchanges(routed);
        batcher.submit(request);
        request.throwFailure();
    }

    /// Leads a message for later through the levels of delay, where all its queues can be reached
    /// from there. The others are delivered at once, and the worker waits.
    private Publication route(Publication publication) {
        var due = publication.notBefore();
        if (due == null) {
            return publication;
        }
        var delay = Duration.between(clock.instant(), due);
        var queues = delay.toSeconds() > 0 ? delayedQueues(publication) : List.<Queue>of();
        if (queues.isEmpty() || !canDelay(queues)) {
            return publication;
        }
        return new Publication(
                DelayLevels.ENTRY,
                DelayLevels.routingKey(delay, publication.routingKey()),
                publication.message());
    }

    private List<Queue> delayedQueues(Publication publication) {
        if (publication.exchange().isEmpty()) {
            return Optional.ofNullable(quorumQueues.get(publication.routingKey())).stream()
                    .toList();
        }
        return quorumQueues.values().stream()
                .filter(queue ->
                        queue.exchange().name().equals(publication.exchange())
                                && queue.exchange().type() != Exchange.Type.DIRECT)
                .toList();
    }

    /// False once the server has refused: somebody has declared the levels with other properties.
    private boolean canDelay(List<Queue> queues) {
        if (cannotDelay) {
            return false;
        }
        try {
            session().declareDelay(queues, delayQueueType);
            return true;
        } catch (BrokerException e) {
            if (e.isTransient()) {
                throw e;
            }
            cannotDelay = true;
            LOG.warn("{}; workers hold the messages for later instead", e.getMessage());
            return false;
        }
    }

    private void publishBatch(List<PublishRequest> batch) {
        session().publish(batch);
    }

    @Override
    public Consumer consume(Collection<Queue> queues, int prefetch) {
        // Also for those who publish to the levels and do not declare them, as Python clients.
        var delayed = queues.stream().filter(DelayLevels::serve).toList();
        var _ = delayed.isEmpty() || canDelay(delayed);
        var names = queues.stream().map(Queue::name).collect(Collectors.joining(", "));
        return AmqpConsumer.open(
                opener.open("reads " + names),
                List.copyOf(queues),
                prefetch,
                description(),
                this::forgetDeclared);
    }

    @Override
    public long length(String queue) {
        return session().length(queue);
    }

    @Override
    public long purge(String queue) {
        return session().purge(queue);
    }

    @Override
    public String description() {
        return opener.description();
    }

    private Session session() {
        lock.lock();
        try {
            if (isClosed) {
                throw BrokerException.refused(
                        "broker %s has been closed".formatted(description()), null);
            }
            var current = session;
            if (current == null || !current.isOpen()) {
                Connection connection = opener.open("publishes");
                current = new Session(connection, description());
                session = current;
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    /// What exists on the server is not what was declared: the next declaration asks it again.
    private void forgetDeclared() {
        lock.lock();
        try {
            if (session != null) {
                session.forgetDeclared();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        Session last;
        lock.lock();
        try {
            isClosed = true;
            last = session;
            session = null;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.close();
        }
    }
}
