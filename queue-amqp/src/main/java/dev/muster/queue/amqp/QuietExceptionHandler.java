package dev.muster.queue.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;

/// Leaves a broken connection to whoever uses it next, who gets an exception; the client's own
/// handler would log it as an error in addition.
final class QuietExceptionHandler extends ForgivingExceptionHandler {
    @Override
    public void handleUnexpectedConnectionDriverException(
            Connection connection, Throwable exception) {
        // The shutdown signal that follows carries it.
    }
}
