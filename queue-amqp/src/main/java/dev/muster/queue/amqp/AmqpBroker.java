package dev.muster.queue.amqp;

import com.rabbitmq.client.Connection;
import dev.muster.queue.spi.Batcher;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

    private final ConnectionOpener opener;
    private final Batcher<PublishRequest> batcher = new Batcher<>(BATCH_LIMIT, this::publishBatch);
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock.
    private @Nullable Session session;

    /// Guarded by the lock.
    private boolean isClosed;

    AmqpBroker(ConnectionOpener opener) {
        this.opener = opener;
    }

    @Override
    public void declare(Queue queue) {
        session().declare(queue);
    }

    @Override
    public void publish(List<Publication> messages) {
        if (messages.isEmpty()) {
            return;
        }
        var request = PublishRequest.of(messages);
        session().requireExchanges(messages);
        batcher.submit(request);
        request.throwFailure();
    }

    private void publishBatch(List<PublishRequest> batch) {
        session().publish(batch);
    }

    @Override
    public Consumer consume(Collection<Queue> queues, int prefetch) {
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
