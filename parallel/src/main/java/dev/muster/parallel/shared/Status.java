package dev.muster.parallel.shared;

import dev.muster.parallel.QueueClosedException;

/// How a call ended. All but the first come with a message. The order is that of the wire.
enum Status {
    DONE,
    CANCELLED,
    QUEUE_CLOSED,
    WRONG_STATE,
    WRONG_ARGUMENT,
    WRONG_INDEX,
    NOT_THE_OWNER,
    FAILED;

    /// What a client throws.
    RuntimeException exception(String message) {
        return switch (this) {
            case QUEUE_CLOSED -> new QueueClosedException(message);
            case WRONG_STATE -> new IllegalStateException(message);
            case WRONG_ARGUMENT -> new IllegalArgumentException(message);
            case WRONG_INDEX -> new IndexOutOfBoundsException(message);
            case NOT_THE_OWNER -> new IllegalMonitorStateException(message);
            case DONE, CANCELLED, FAILED -> new ManagerException(message, null);
        };
    }

    /// Inside of the manager: a call that ends with this status.
    RefusedException refuse(String message) {
        return new RefusedException(this, message);
    }

    /// Ends a call in the manager.
    static final class RefusedException extends RuntimeException {
        private final Status status;

        private RefusedException(Status status, String message) {
            super(message, null, false, false);
            this.status = status;
        }

        Status status() {
            return status;
        }
    }
}
