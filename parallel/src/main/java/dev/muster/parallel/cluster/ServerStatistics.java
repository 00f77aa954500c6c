package dev.muster.parallel.cluster;

import java.time.Duration;

/// What a server has done for a [ClusterPool]; or the local processes, which are named `local`.
///
/// @param name `HOST:PORT`, or `local`
/// @param reason why it is in this state; empty when there is nothing to say
/// @param slots how many calls it can run at once; 0 while it is away
/// @param inFlight calls that it has now, running or not
/// @param done calls that have returned
/// @param failed calls that have thrown an exception, ran too long, or whose process has died
/// @param lost calls that it had when it disappeared, and that were run elsewhere
/// @param work what all these calls have taken together
/// @param average of the work of a call
/// @param callsPerSecond calls that have ended for each second in which it had any
public record ServerStatistics(
        String name,
        State state,
        String reason,
        int slots,
        int inFlight,
        long done,
        long failed,
        long lost,
        Duration work,
        Duration average,
        double callsPerSecond) {
    /// What can be said of a server.
    public enum State {
        /// It is being connected for the first time.
        CONNECTING,
        /// It takes calls.
        READY,
        /// It cannot be reached, or has disappeared; it is tried again.
        AWAY,
        /// It does not want us, as the key is wrong, or cannot run our calls; it is tried again.
        REFUSING
    }
}
