package dev.muster.queue;

import dev.muster.queue.spi.Delivery;
import org.jspecify.annotations.Nullable;

/// How a message came to its worker.
///
/// @param exchange empty for the default exchange
/// @param priority null when it has none
/// @param redelivered whether the broker has delivered it before
record DeliveryInfo(
        String exchange, String routingKey, @Nullable Integer priority, boolean redelivered) {
    static DeliveryInfo of(Delivery delivery) {
        return new DeliveryInfo(
                delivery.exchange(),
                delivery.routingKey(),
                delivery.message().properties().priority(),
                delivery.redelivered());
    }
}
