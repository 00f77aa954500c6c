package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A claimed row, or one of a queue of replies, which is settled by being read.
final class JdbcDelivery implements Delivery {
    private final JdbcConsumer consumer;
    private final JdbcConsumer.Claimed claimed;
    private final MessageTable.Decoded decoded;
    private final AtomicBoolean settled;

    JdbcDelivery(
            JdbcConsumer consumer, JdbcConsumer.Claimed claimed, MessageTable.Decoded decoded) {
        this.consumer = consumer;
        this.claimed = claimed;
        this.decoded = decoded;
        this.settled = new AtomicBoolean(claimed.claim() == JdbcConsumer.NO_CLAIM);
    }

    @Override
    public Message message() {
        return decoded.message();
    }

    @Override
    public String exchange() {
        return claimed.row().exchange();
    }

    @Override
    public String routingKey() {
        return claimed.row().routingKey();
    }

    @Override
    public String queue() {
        return claimed.queue();
    }

    @Override
    public boolean redelivered() {
        return claimed.row().deliveries() > 1;
    }

    @Override
    public Optional<String> defect() {
        return Optional.ofNullable(decoded.defect());
    }

    @Override
    public void ack() {
        settle(false);
    }

    @Override
    public void ackSoon() {
        if (settled.compareAndSet(false, true)) {
            consumer.acknowledgeSoon(claimed);
        }
    }

    @Override
    public void reject(boolean requeue) {
        settle(requeue);
    }

    private void settle(boolean requeue) {
        if (settled.compareAndSet(false, true)) {
            consumer.settle(claimed, requeue);
        }
    }
}
