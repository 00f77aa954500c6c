package dev.muster.queue;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import java.util.List;

/// Sends a task once more, to be tried again: the same message, later (celery-wire 6.2).
final class Resender {
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
        // To the very queue that it came from, and not through its exchange: that might copy it to
        // others, too.
        var publication =
                muster.writer()
                        .rewrite(
                                again,
                                delivery.message(),
                                muster.queueDirectory().toTryAgain(delivery.queue()),
                                muster.environment().clock().instant());
        muster.hooks()
                .publish(
                        List.of(publication),
                        messages ->
                                PublishRetry.PATIENT.run(
                                        muster.environment(),
                                        () -> muster.broker().publish(messages)));
    }
}
