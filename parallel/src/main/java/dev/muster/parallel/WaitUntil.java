package dev.muster.parallel;

/// What [Pool#waitFor] waits for.
public enum WaitUntil {
    /// One call has ended, whichever way.
    FIRST_COMPLETED,

    /// One call has failed or was cancelled, or all have ended.
    FIRST_EXCEPTION,

    /// All calls have ended.
    ALL
}
