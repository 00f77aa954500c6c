package dev.muster.parallel;

/// The process that has made a queue or pipe has ended, and with it what was in there. Unlike a
/// [QueueClosedException] this is no orderly end: values may be missing.
public final class QueueLostException extends IllegalStateException {
    QueueLostException(Throwable cause) {
        super("the process that made the queue has ended, so the queue is lost", cause);
    }
}
