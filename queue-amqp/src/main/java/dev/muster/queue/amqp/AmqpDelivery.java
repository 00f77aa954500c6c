package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A message pushed over a channel. Settling writes to that channel and does not wait: AMQP has no
/// answer to it. On a channel that is closed it does nothing, because the server has taken the
/// message back.
final class AmqpDelivery implements Delivery {
    private final AmqpConsumer consumer;
    private final String queue;
    private final Envelope envelope;
    private final String where;
    private final Message message;
    private final AtomicBoolean isSettled;

    /// @param needsNoAck whether it was settled by being sent
    AmqpDelivery(
            AmqpConsumer consumer,
            String queue,
            Envelope envelope,
            BasicProperties properties,
            byte[] body,
            boolean needsNoAck,
            String where) {
        this.consumer = consumer;
        this.queue = queue;
        this.envelope = envelope;
        this.where = where;
        this.message = MessageProperties.read(properties, body);
        this.isSettled = new AtomicBoolean(needsNoAck);
    }

    @Override
    public Message message() {
        return message;
    }

    @Override
    public String exchange() {
        return envelope.getExchange();
    }

    @Override
    public String routingKey() {
        return DelayLevels.withoutDelay(envelope.getRoutingKey());
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public boolean redelivered() {
        return envelope.isRedeliver();
    }

    @Override
    public Optional<String> defect() {
        return Optional.ofNullable(message.headers().get(HeaderFrame.DEFECT)).map(Object::toString);
    }

    @Override
    public void ack() {
        settle(() -> consumer.acknowledge(tag()));
    }

    @Override
    public void ackSoon() {
        settle(() -> consumer.acknowledgeSoon(tag()));
    }

    @Override
    public void reject(boolean requeue) {
        settle(() -> consumer.reject(tag(), requeue));
    }

    private long tag() {
        return envelope.getDeliveryTag();
    }

    /// Back to the queue; a connection that breaks on the way has the same effect.
    void returnIfOpen() {
        try {
            reject(true);
        } catch (BrokerException e) {
            // The server takes it back by itself.
        }
    }

    private void settle(GatheringFrameHandler.Writing settling) {
        if (!isSettled.compareAndSet(false, true)) {
            return; // telling the server twice would make it close the channel
        }
        try {
            settling.write();
        } catch (ShutdownSignalException e) {
            // Closed: the server delivers the message again.
        } catch (IOException e) {
            throw Failures.transientOf(e, where);
        }
    }
}
