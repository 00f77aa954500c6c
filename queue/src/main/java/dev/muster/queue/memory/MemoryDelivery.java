package dev.muster.queue.memory;

import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import java.util.Optional;

/// A message in the hands of a [MemoryConsumer], which knows whether it is settled.
final class MemoryDelivery implements Delivery {
    private final MemoryConsumer consumer;
    private final MemoryQueue queue;
    private final MemoryQueue.Entry entry;

    MemoryDelivery(MemoryConsumer consumer, MemoryQueue queue, MemoryQueue.Entry entry) {
        this.consumer = consumer;
        this.queue = queue;
        this.entry = entry;
    }

    @Override
    public Message message() {
        return entry.message();
    }

    @Override
    public String exchange() {
        return entry.exchange();
    }

    @Override
    public String routingKey() {
        return entry.routingKey();
    }

    @Override
    public String queue() {
        return queue.declaration().name();
    }

    @Override
    public boolean redelivered() {
        return entry.redelivered();
    }

    /// Never: a message in memory has no envelope.
    @Override
    public Optional<String> defect() {
        return Optional.empty();
    }

    @Override
    public void ack() {
        consumer.settle(this, false);
    }

    @Override
    public void reject(boolean requeue) {
        consumer.settle(this, requeue);
    }

    /// The caller holds the broker's lock.
    void giveBack() {
        queue.add(entry.again());
    }
}
