package dev.muster.parallel.child;

import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A call for a child to run. It ends once: with [#ended], or, when it is cancelled, with nothing.
public abstract class Job {
    final Code code;
    final Packed arguments;
    final @Nullable Duration limit;

    /// Guarded by the lock of the [Children]: the child that has it, null while it waits.
    @Nullable Child child;

    /// Guarded by the lock of the [Children]: its number at that child.
    long number;

    /// Guarded by the lock of the [Children].
    boolean cancelled;

    /// Guarded by the lock of the [Children]: whether it is cancelled even while it runs.
    boolean mayBeKilled;

    /// Why its child is killed while it runs. Guarded by the lock of the [Children].
    @Nullable Ending verdict;

    /// @param limit how long it may run; null for as long as it likes
    protected Job(Code code, Packed arguments, @Nullable Duration limit) {
        this.code = code;
        this.arguments = arguments;
        this.limit = limit;
    }

    /// Called once, on a thread that must not be held up for long.
    protected abstract void ended(Ending ending);
}
