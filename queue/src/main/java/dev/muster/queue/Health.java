package dev.muster.queue;

import java.time.Instant;

/// Whether a worker or a beat does its work, and if not, why: what probes ask for.
///
/// @param reason why it is not ready; empty when it is
/// @param since when it came into this state
public record Health(State state, String reason, Instant since) {
    /// The states in the order of a life; [#READY] and [#WAITING] may follow each other many times.
    public enum State {
        /// It has not been ready yet.
        STARTING,
        /// It does its work.
        READY,
        /// It lives, and cannot do its work now: the broker is away, or there is no queue to read.
        /// It becomes ready by itself.
        WAITING,
        /// It takes nothing new, and comes to its end.
        STOPPING,
        /// It has ended. Nothing but a new start helps.
        ENDED
    }

    /// Whether its work is done now.
    public boolean isReady() {
        return state == State.READY;
    }

    /// Whether it still runs, be it that it waits for the broker or ends what it has begun.
    public boolean isAlive() {
        return state != State.ENDED;
    }
}
