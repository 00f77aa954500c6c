package dev.muster.queue;

import dev.muster.queue.message.TaskProtocol;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Publication;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sends a task once more, to be tried again: the same message, later (celery-wire 6.2).
final class Resender {
    /// More patient than a client that sends, because a message that was acknowledged early exists
    /// nowhere else: it outlives a restart of the broker.
    private static final PublishRetry PATIENT =
            new PublishRetry(30, Duration.ZERO, Duration.ofMillis(200), Duration.ofSeconds(10));

    private final Muster muster;

    Resender(Muster muster) {
        this.muster = muster;
    }

    /// Returns when the broker has the message.
    ///
    /// @param again the call as it shall come again
    /// @param delivery the message that it came with
    /// @throws BrokerException when the broker cannot be reached for more than a minute
    void resend(TaskRequest again, Delivery delivery) {
        var publication = publication(again, delivery, muster.environment().clock().instant());
        muster.hooks()
                .publish(
                        List.of(publication),
                        messages ->
                                PATIENT.run(
                                        muster.environment(),
                                        () -> muster.broker().publish(messages)));
    }

    private Publication publication(TaskRequest again, Delivery delivery, Instant now) {
        var message = delivery.message();
        var properties = message.properties();
        var priority = properties.priority();
        var form =
                new TaskProtocol.Form(
                        Optional.ofNullable(message.contentType())
                                .map(type -> type.replaceFirst(";.*", "").strip()),
                        Optional.ofNullable(message.headers().get("compression"))
                                .map(Object::toString),
                        properties.persistent(),
                        priority == null ? 0 : priority,
                        expiration(properties.expirationMillis(), again, now),
                        now);
        // To the very queue that it came from, and not through its exchange: that might copy it to
        // others, too.
        return new Publication(
                "",
                muster.queueDirectory().toTryAgain(delivery.queue()),
                muster.protocol().write(again, form),
                again.eta().orElse(now));
    }

    /// The broker was told of the expiry before, so it is again: of what is left.
    private static @Nullable Long expiration(
            @Nullable Long before, TaskRequest again, Instant now) {
        return before == null
                ? null
                : again.expires()
                        .map(expires -> Math.max(0, Duration.between(now, expires).toMillis()))
                        .orElse(before);
    }
}
