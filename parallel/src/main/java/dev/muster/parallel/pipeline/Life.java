package dev.muster.parallel.pipeline;

/// Whether a stage is open. Neighbours that are fused share one, as they end together.
final class Life {
    private boolean closed;

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    void checkOpen() {
        if (closed) {
            throw StageClosedException.onSend();
        }
    }
}
