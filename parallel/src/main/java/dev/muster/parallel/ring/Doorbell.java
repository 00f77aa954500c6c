package dev.muster.parallel.ring;

/// Wakes those who wait, in whichever process they are.
sealed interface Doorbell permits Hub, Line {
    /// Never waits.
    ///
    /// @param kinds what may have come true: bits of [Waiters]
    void ring(int kinds);

    /// Whether the process that made the queue is gone. Then nobody wakes anybody any more.
    boolean isLost();
}
