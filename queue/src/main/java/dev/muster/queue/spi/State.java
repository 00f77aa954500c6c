package dev.muster.queue.spi;

import java.util.Locale;
import java.util.Set;

/// The state of a task as Celery names it. Tasks may set states of their own, such as `PROGRESS`.
///
/// @param name in upper case, as Python's readers require
public record State(String name) {
    /// No record: the task waits, or never was.
    public static final State PENDING = new State("PENDING");

    /// A worker is running it; stored only when `task_track_started` is on.
    public static final State STARTED = new State("STARTED");

    /// It failed and will be tried again.
    public static final State RETRY = new State("RETRY");

    public static final State SUCCESS = new State("SUCCESS");
    public static final State FAILURE = new State("FAILURE");

    /// It was cancelled, or expired, before it ran to its end.
    public static final State REVOKED = new State("REVOKED");

    /// The task wanted nothing to be stored. Never stored.
    public static final State IGNORED = new State("IGNORED");

    /// The task gave its message up. Never stored.
    public static final State REJECTED = new State("REJECTED");

    private static final Set<State> READY = Set.of(SUCCESS, FAILURE, REVOKED);

    public State {
        if (name.isEmpty() || !name.equals(name.toUpperCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "a state is written in upper case, was '" + name + "'");
        }
    }

    /// Whether the task has ended and its record will not change.
    public boolean isReady() {
        return READY.contains(this);
    }

    @Override
    public String toString() {
        return name;
    }
}
