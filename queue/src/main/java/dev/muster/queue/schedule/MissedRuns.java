package dev.muster.queue.schedule;

/// What becomes of runs whose time passed while no beat was there to send them.
public enum MissedRuns {
    /// However many they were, one is sent, as by Celery.
    ONCE,
    /// They are left out, if the last of them is more than a minute late.
    SKIP,
    /// Each is sent, one after the other, but for the earliest when they are more than a hundred.
    ALL;

    /// How many are made up for at the most.
    public static final int LIMIT = 100;
}
