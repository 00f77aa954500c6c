package dev.muster.queue;

import java.time.InstantSource;

/// The health of something that runs in the background, kept up to date by it. Thread-safe.
final class Vitals {
    private final InstantSource clock;
    private volatile Health health;

    Vitals(InstantSource clock) {
        this.clock = clock;
        this.health = new Health(Health.State.STARTING, "it is starting", clock.instant());
    }

    Health health() {
        return health;
    }

    void ready() {
        become(Health.State.READY, "");
    }

    /// @param reason why it cannot do its work now
    void waiting(String reason) {
        become(Health.State.WAITING, reason);
    }

    void stopping(String reason) {
        become(Health.State.STOPPING, reason);
    }

    void ended(String reason) {
        become(Health.State.ENDED, reason);
    }

    /// Who stops does not become ready any more, and the first reason for it is the true one.
    private synchronized void become(Health.State state, String reason) {
        var old = health;
        if (old.state().compareTo(Health.State.STOPPING) >= 0
                && state.compareTo(old.state()) <= 0) {
            return;
        }
        health = new Health(state, reason, state == old.state() ? old.since() : clock.instant());
    }
}
