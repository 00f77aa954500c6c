package dev.muster.queue.redis;

/// What becomes of a held message.
sealed interface Settlement {
    String tag();

    /// It is done, or unwanted.
    record Remove(String tag) implements Settlement {}

    /// It goes to the end of a list, to be served last.
    record Requeue(String tag, String list, byte[] envelope) implements Settlement {}
}
