package dev.muster.queue.redis;

import java.time.Instant;

/// What becomes of a held message.
sealed interface Settlement {
    String tag();

    /// It is done, or unwanted.
    record Remove(String tag) implements Settlement {}

    /// Nobody holds it until its time, when it goes into a list.
    ///
    /// @param length of the envelope, in bytes
    record Postpone(String tag, String list, Instant due, int length) implements Settlement {}

    /// It goes to the end of a list, to be served last.
    record Requeue(String tag, String list, byte[] envelope) implements Settlement {}

    /// It goes back to where it was taken from, as if it had not been.
    record Return(String tag, String list, byte[] envelope) implements Settlement {}
}
