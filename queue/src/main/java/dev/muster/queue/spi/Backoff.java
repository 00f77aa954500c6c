package dev.muster.queue.spi;

import java.time.Duration;

/// How long to wait before something that has failed is tried again: twice as long after each
/// failure, up to a limit.
///
/// @param first the delay after the first failure
/// @param most the longest delay; a first one beyond it is cut to it
public record Backoff(Duration first, Duration most) {
    public Backoff {
        if (!first.isPositive()) {
            throw new IllegalArgumentException(
                    "the first delay of a backoff must be longer than 0, was " + first);
        }
    }

    /// The delay after a failure.
    ///
    /// @param earlier how many failures in a row came before it
    public Duration delay(int earlier) {
        var delay = first;
        for (var failure = 0; failure < earlier && delay.compareTo(most) < 0; failure++) {
            delay = delay.compareTo(most.minus(delay)) < 0 ? delay.plus(delay) : most;
        }
        return delay.compareTo(most) < 0 ? delay : most;
    }
}
