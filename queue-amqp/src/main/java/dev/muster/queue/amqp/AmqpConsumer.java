package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Courier;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;

/// Reads queues over a connection and a channel of its own.
///
/// The server pushes up to `prefetch` unsettled messages, counted over all queues of the channel as
/// Celery counts them; quorum queues know no such common count, and with one among them each queue
/// has its own. Reply queues are read without acknowledgement.
final class AmqpConsumer implements Consumer {
    private static final int MAX_PREFETCH = 65_535;
    private static final int CLOSE_TIMEOUT_MILLIS = 5_000;

    private final Connection connection;
    private final Channel channel;
    private final String where;
    private final Runnable onMissingQueue;
    private final Inbox inbox;

    /// Quorum queues know only limits per consumer, which do not change once it has started.
    private final boolean isCountedTogether;

    private final List<String> tags = new ArrayList<>();

    /// The delivery tags of which the server has not been told: one acknowledgement can be for all
    /// up to a tag, if none of these is among them.
    private final NavigableSet<Long> open = new ConcurrentSkipListSet<>();

    private final Courier<Long> acknowledgements =
            new Courier<>(
                    "amqp-acknowledgements",
                    Duration.ofMillis(CLOSE_TIMEOUT_MILLIS),
                    "messages could not be acknowledged and may be delivered again",
                    this::tell);

    private final AtomicBoolean isCancelled = new AtomicBoolean();

    private AmqpConsumer(
            Connection connection,
            Channel channel,
            List<Queue> queues,
            String where,
            Runnable onMissingQueue) {
        this.connection = connection;
        this.channel = channel;
        this.where = where;
        this.onMissingQueue = onMissingQueue;
        this.inbox = new Inbox(queues.size());
        this.isCountedTogether =
                queues.stream().noneMatch(q -> "quorum".equals(q.arguments().get("x-queue-type")));
    }

    /// Takes over the connection, also when it throws.
    ///
    /// @param onMissingQueue called when a queue that was declared is not there, or not any more
    static AmqpConsumer open(
            Connection connection,
            List<Queue> queues,
            int prefetch,
            String where,
            Runnable onMissingQueue) {
        try {
            var channel =
                    connection
                            .openChannel()
                            .orElseThrow(
                                    () -> new IOException("the server allows no further channel"));
            var consumer = new AmqpConsumer(connection, channel, queues, where, onMissingQueue);
            consumer.start(queues, prefetch);
            return consumer;
        } catch (IOException | ShutdownSignalException e) {
            connection.abort(0);
            if (Failures.refusal(e).filter(r -> r.code() == AMQP.NOT_FOUND).isPresent()) {
                onMissingQueue.run();
            }
            var names = queues.stream().map(Queue::name).toList();
            throw Failures.of(e, "cannot read queues " + names, where);
        }
    }

    private void start(List<Queue> queues, int prefetch) throws IOException {
        channel.addShutdownListener(signal -> inbox.fail(Failures.transientOf(signal, where)));
        limit(prefetch);
        for (var lane = 0; lane < queues.size(); lane++) {
            var queue = queues.get(lane);
            var needsNoAck = queue.lifetime() == Queue.Lifetime.REPLIES;
            tags.add(
                    channel.basicConsume(
                            queue.name(), needsNoAck, new Lane(lane, queue.name(), needsNoAck)));
        }
    }

    private void limit(int prefetch) throws IOException {
        channel.basicQos(0, prefetch > MAX_PREFETCH ? 0 : prefetch, isCountedTogether);
    }

    @Override
    public void prefetch(int count) {
        if (isCountedTogether) {
            try {
                limit(count);
            } catch (IOException | ShutdownSignalException e) {
                throw Failures.of(e, "cannot change the prefetch count", where);
            }
        }
    }

    /// Receives what the server pushes from one queue, on the connection's reader thread.
    private final class Lane extends DefaultConsumer {
        private final int lane;
        private final String queue;
        private final boolean needsNoAck;

        private Lane(int lane, String queue, boolean needsNoAck) {
            super(channel);
            this.lane = lane;
            this.queue = queue;
            this.needsNoAck = needsNoAck;
        }

        @Override
        public void handleDelivery(
                String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            if (!needsNoAck) {
                open.add(envelope.getDeliveryTag());
            }
            inbox.put(
                    lane,
                    new AmqpDelivery(
                            AmqpConsumer.this,
                            queue,
                            envelope,
                            properties,
                            body,
                            needsNoAck,
                            where));
        }

        /// The server has ended the consumer: the queue was deleted, or its node is going down.
        @Override
        public void handleCancel(String tag) {
            onMissingQueue.run();
            inbox.fail(
                    BrokerException.unreachable(
                            where,
                            new IOException(
                                    "queue '%s' was deleted or became unavailable"
                                            .formatted(queue))));
        }
    }

    @Override
    public List<Delivery> take(int max, Duration timeout) {
        if (max < 1) {
            throw new IllegalArgumentException("max must be >= 1, was " + max);
        }
        return inbox.take(max, timeout);
    }

    void acknowledge(long tag) throws IOException {
        channel.basicAck(tag, false);
        open.remove(tag);
    }

    void reject(long tag, boolean requeue) throws IOException {
        channel.basicReject(tag, requeue);
        // Not before it is written: an acknowledgement of all up to a later one must not come
        // first.
        open.remove(tag);
    }

    void acknowledgeSoon(long tag) throws IOException {
        if (!acknowledgements.leave(tag)) {
            acknowledge(tag);
        }
    }

    private void tell(List<Long> done) {
        try {
            GatheringFrameHandler.writeTogether(channel, () -> write(done));
        } catch (ShutdownSignalException e) {
            // Closed: the server delivers the messages again.
        } catch (IOException e) {
            throw Failures.transientOf(e, where);
        }
    }

    /// One acknowledgement for all that have none before them that is open.
    private void write(List<Long> done) throws IOException {
        done.forEach(open::remove);
        var first = open.ceiling(0L); // others settle meanwhile, so there may be none
        var firstOpen = first == null ? Long.MAX_VALUE : first;
        var together = done.stream().filter(tag -> tag < firstOpen).max(Long::compare);
        if (together.isPresent()) {
            channel.basicAck(together.get(), true);
        }
        for (var tag : done) {
            if (tag > firstOpen) {
                channel.basicAck(tag, false);
            }
        }
    }

    @Override
    public void cancel() {
        if (!isCancelled.compareAndSet(false, true)) {
            return;
        }
        inbox.cancel();
        try {
            // The answer to the last one comes behind everything that was pushed before.
            for (var tag : tags) {
                channel.basicCancel(tag);
            }
        } catch (IOException | ShutdownSignalException e) {
            return; // the server takes everything back by itself
        }
        for (var delivery : inbox.drain()) {
            delivery.returnIfOpen();
        }
    }

    @Override
    public void close() {
        isCancelled.set(true);
        inbox.cancel();
        acknowledgements.close();
        connection.abort(CLOSE_TIMEOUT_MILLIS);
    }
}
