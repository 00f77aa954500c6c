package dev.muster.parallel;

import java.time.Duration;

/// A call, or several, took longer than they may.
public final class CallTimeoutException extends PoolException {
    private final Duration limit;

    CallTimeoutException(String what, Duration limit) {
        super("%s took longer than %s s".formatted(what, limit.toNanos() / 1e9), null);
        this.limit = limit;
    }

    /// How long it could have taken.
    public Duration limit() {
        return limit;
    }
}
