package dev.muster.queue;

/// The time during which one consumer delivers. When it is over, the consumer gives every unsettled
/// message back to the broker, so what has not been started by then must not be started any more.
final class Session {
    private volatile boolean over;

    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }
}
