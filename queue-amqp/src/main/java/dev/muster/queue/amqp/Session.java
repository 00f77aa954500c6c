package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One life of the connection that declares and publishes, and what is known about the server's
/// queues and exchanges in it. Thread-safe, but for [#publish(List)].
///
/// The server answers a mistake by closing the channel. So each question goes over a channel of its
/// own, and only publishing, which is written without waiting, keeps one.
final class Session {
    private static final int CLOSE_TIMEOUT_MILLIS = 5_000;

    private final Connection connection;
    private final String where;
    private final Set<Queue> queues = ConcurrentHashMap.newKeySet();

    /// Those that messages reach after a delay.
    private final Set<Queue> delayed = ConcurrentHashMap.newKeySet();

    private final Set<String> exchanges = ConcurrentHashMap.newKeySet();

    /// Written by the connection's reader thread; the server's reason for not taking messages.
    private volatile @Nullable String blocked;

    /// Used by one thread at a time, in [#publish(List)], and told by the reader thread when the
    /// server has stopped reading.
    private volatile @Nullable ConfirmedChannel publisher;

    Session(Connection connection, String where) {
        this.connection = connection;
        this.where = where;
        connection.addBlockedListener(this::block, () -> blocked = null);
    }

    private void block(String reason) {
        blocked = reason;
        var current = publisher;
        if (current != null) {
            current.block();
        }
    }

    private void requireUnblocked() {
        var reason = blocked;
        if (reason != null) {
            throw ConfirmedChannel.blocked(where, reason);
        }
    }

    boolean isOpen() {
        return connection.isOpen();
    }

    void forgetDeclared() {
        queues.clear();
        exchanges.clear();
        delayed.clear();
    }

    /// Makes sure that messages can be kept back for these queues.
    ///
    /// @param queueType of the queues that keep them: `quorum` or `classic`
    void declareDelay(Collection<Queue> destinations, String queueType) {
        if (delayed.containsAll(destinations)) {
            return;
        }
        ask(
                channel -> {
                    DelayLevels.declare(channel, queueType);
                    for (var queue : destinations) {
                        DelayLevels.bind(channel, queue);
                    }
                    return true;
                },
                failure ->
                        Failures.of(
                                failure, "cannot declare the queues of Celery's delays", where));
        delayed.addAll(destinations);
    }

    void declare(Queue queue) {
        if (queues.contains(queue)) {
            return;
        }
        try {
            ask(
                    channel -> {
                        declare(channel, queue);
                        return true;
                    },
                    failure -> Failures.ofDeclaring(failure, queue, where));
        } catch (BrokerException e) {
            if (queue.lifetime() != Queue.Lifetime.DURABLE
                    || Failures.refusal(e).filter(r -> r.code() == AMQP.ACCESS_REFUSED).isEmpty()) {
                throw e;
            }
            requireQueue(queue.name(), e);
        }
        exchanges.add(queue.exchange().name());
        if (queue.lifetime() == Queue.Lifetime.DURABLE) {
            queues.add(queue); // the other kind may be gone the moment its reader goes
        }
    }

    /// Who may not declare a queue may still use the one that somebody else has declared.
    private void requireQueue(String name, BrokerException forbidden) {
        ask(
                channel -> channel.queueDeclarePassive(name),
                failure ->
                        Failures.refusal(failure)
                                .filter(r -> r.code() == AMQP.NOT_FOUND)
                                .map(_ ->
                                        BrokerException.refused(
                                                "broker %s: there is no queue '%s', and this user may not declare it: let a worker do so first, or permit it (rabbitmqctl set_permissions)"
                                                        .formatted(where, name),
                                                forbidden))
                                .orElse(forbidden));
    }

    void declare(Exchange exchange) {
        if (exchanges.contains(exchange.name())) {
            return;
        }
        ask(
                channel -> {
                    declare(channel, exchange);
                    return true;
                },
                failure ->
                        Failures.of(
                                failure,
                                "cannot declare exchange '%s'".formatted(exchange.name()),
                                where));
        exchanges.add(exchange.name());
    }

    private static void declare(Channel channel, Exchange exchange) throws IOException {
        // The names amq.* are the server's own: they exist, and declaring them is not permitted.
        if (!exchange.name().isEmpty() && !exchange.name().startsWith("amq.")) {
            channel.exchangeDeclare(
                    exchange.name(), exchange.type().wireName(), exchange.durable());
        }
    }

    private static void declare(Channel channel, Queue queue) throws IOException {
        var exchange = queue.exchange();
        declare(channel, exchange);
        var isDurable = queue.lifetime() == Queue.Lifetime.DURABLE;
        var exclusive = false;
        channel.queueDeclare(queue.name(), isDurable, exclusive, !isDurable, queue.arguments());
        if (!exchange.name().isEmpty()) {
            channel.queueBind(queue.name(), exchange.name(), queue.routingKey());
        }
    }

    /// Publishing to an exchange that does not exist would close the channel that all publishers
    /// share, so a new name is asked for first.
    void requireExchanges(List<Publication> messages) {
        for (var message : messages) {
            var name = message.exchange();
            if (!name.isEmpty() && !exchanges.contains(name)) {
                ask(
                        channel -> channel.exchangeDeclarePassive(name),
                        failure ->
                                Failures.of(
                                        failure,
                                        "cannot publish to exchange '%s'".formatted(name),
                                        where));
                exchanges.add(name);
            }
        }
    }

    long length(String queue) {
        return ask(
                channel ->
                        unlessMissing(() -> channel.queueDeclarePassive(queue).getMessageCount()),
                failure ->
                        Failures.of(failure, "cannot look at queue '%s'".formatted(queue), where));
    }

    long purge(String queue) {
        return ask(
                channel -> unlessMissing(() -> channel.queuePurge(queue).getMessageCount()),
                failure -> Failures.of(failure, "cannot purge queue '%s'".formatted(queue), where));
    }

    private interface Counting {
        long count() throws IOException;
    }

    /// The count, or 0 for a queue that does not exist.
    private static long unlessMissing(Counting counting) throws IOException {
        try {
            return counting.count();
        } catch (IOException e) {
            if (Failures.refusal(e).filter(r -> r.code() == AMQP.NOT_FOUND).isPresent()) {
                return 0;
            }
            throw e;
        }
    }

    private interface Question<T> {
        T ask(Channel channel) throws IOException;
    }

    private <T> T ask(Question<T> question, Function<Exception, BrokerException> failed) {
        requireUnblocked();
        Channel channel = null;
        try {
            channel = openChannel();
            return question.ask(channel);
        } catch (IOException | ShutdownSignalException e) {
            throw failed.apply(e);
        } finally {
            if (channel != null) {
                abort(channel);
            }
        }
    }

    private Channel openChannel() throws IOException {
        return connection
                .openChannel()
                .orElseThrow(() -> new IOException("the server allows no further channel"));
    }

    private static void abort(Channel channel) {
        try {
            channel.abort();
        } catch (IOException e) {
            // Closed is what it is to be, one way or another.
        }
    }

    /// Publishes a batch, and leaves in each request what went wrong with it. One thread at a time.
    void publish(List<PublishRequest> batch) {
        try {
            requireUnblocked();
            switch (publisher().publish(batch)) {
                case ALL_SETTLED, BLOCKED -> {}
                case CHANNEL_CLOSED -> forgetDeclared();
                case STUCK -> connection.abort(0);
            }
        } catch (BrokerException e) {
            batch.forEach(request -> request.fail(e));
        } catch (IOException | ShutdownSignalException e) {
            var failure = Failures.of(e, "cannot publish", where);
            batch.forEach(request -> request.fail(failure));
        }
        if (batch.stream().anyMatch(PublishRequest::isUnroutable)) {
            forgetDeclared();
        }
    }

    private ConfirmedChannel publisher() throws IOException {
        var current = publisher;
        if (current != null && current.isUsable()) {
            return current;
        }
        if (current != null) {
            current.abort();
        }
        current = new ConfirmedChannel(openChannel(), where, ConfirmedChannel.ANSWER_TIMEOUT);
        publisher = current;
        return current;
    }

    void close() {
        connection.abort(CLOSE_TIMEOUT_MILLIS);
    }
}
