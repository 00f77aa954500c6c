package dev.muster.queue.redis;

import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// A message held by a [RedisConsumer], or, with an empty tag, one that nobody has to settle.
final class RedisDelivery implements Delivery {
    private final RedisConsumer consumer;
    private final String queue;
    private final String tag;
    private final byte[] text;
    private final Envelope envelope;

    /// Guarded by `this`.
    private boolean settled;

    RedisDelivery(RedisConsumer consumer, String queue, String tag, byte[] text) {
        this(consumer, queue, tag, text, Envelope.read(text, queue, consumer.largestEnvelope()));
    }

    private RedisDelivery(
            RedisConsumer consumer, String queue, String tag, byte[] text, Envelope envelope) {
        this.consumer = consumer;
        this.queue = queue;
        this.tag = tag;
        this.text = text;
        this.envelope = envelope;
        this.settled = tag.isEmpty();
    }

    /// A message that came by a channel, on which no queue is named: it is one that is bound to the
    /// exchange.
    static RedisDelivery broadcast(RedisConsumer consumer, byte[] text) {
        var envelope = Envelope.read(text, "", consumer.largestEnvelope());
        return new RedisDelivery(
                consumer, consumer.fanoutQueue(envelope.exchange()), "", text, envelope);
    }

    @Override
    public Message message() {
        return envelope.message();
    }

    @Override
    public String exchange() {
        return envelope.exchange();
    }

    @Override
    public String routingKey() {
        return envelope.routingKey();
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public boolean redelivered() {
        return envelope.redelivered();
    }

    @Override
    public Optional<String> defect() {
        return envelope.defect();
    }

    @Override
    public void ack() {
        settle(false);
    }

    @Override
    public synchronized void ackSoon() {
        if (settled) {
            return;
        }
        if (consumer.acknowledgeSoon(this)) {
            settled = true;
        } else {
            ack();
        }
    }

    @Override
    public void reject(boolean requeue) {
        settle(requeue);
    }

    @Override
    public synchronized boolean postpone(Instant until) {
        if (settled) {
            return false;
        }
        var priority = envelope.message().properties().priority();
        var list = consumer.keys().queueFor(queue, Objects.requireNonNullElse(priority, 0));
        consumer.settle(this, new Settlement.Postpone(tag, list, until, text.length));
        settled = true;
        return true;
    }

    /// A failure leaves the delivery unsettled: the message is still held, so that the same can be
    /// tried again once Redis is back.
    private synchronized void settle(boolean requeue) {
        if (settled) {
            return;
        }
        consumer.settle(this, requeue ? requeued() : removed());
        settled = true;
    }

    String tag() {
        return tag;
    }

    /// Whether it has to be settled, as it would come again otherwise.
    boolean isHeld() {
        return !tag.isEmpty();
    }

    /// What returns it to its queue, unless it is settled.
    synchronized Optional<Settlement> giveBack() {
        return settled ? Optional.empty() : Optional.of(requeued());
    }

    /// What undoes that it was taken.
    Settlement untaken(String list) {
        return new Settlement.Return(tag, list, text);
    }

    synchronized void settled() {
        settled = true;
    }

    Settlement removed() {
        return new Settlement.Remove(tag);
    }

    private Settlement requeued() {
        var restored = Envelope.restored(text);
        return new Settlement.Requeue(
                tag, consumer.keys().queueFor(queue, restored.priority()), restored.text());
    }
}
