package dev.muster.parallel.child;

import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A call for a child to run. It ends once: with [#ended], or, when it is cancelled or withdrawn,
/// with [#dropped].
public abstract class Job {
    final Code code;
    final Packed arguments;
    final @Nullable Duration limit;

    /// Whether its start is told.
    final boolean announced;

    /// Guarded by the lock of the [Children]: the child that has it, null while it waits.
    @Nullable Child child;

    /// Guarded by the lock of the [Children]: its number at that child.
    long number;

    /// Guarded by the lock of the [Children].
    boolean cancelled;

    /// Guarded by the lock of the [Children]: how its process is ended when it is cancelled while
    /// it runs; null when it may go on.
    @Nullable String signal;

    /// Guarded by the lock of the [Children]: whether it is wanted back while it has not begun.
    boolean withdrawn;

    /// Guarded by the lock of the [Children]: how long it ran; 0 while unknown.
    long nanos;

    /// Completed when it does not run any more, which ends its clock.
    CompletableFuture<Void> over = new CompletableFuture<>();

    /// Why its child is killed while it runs. Guarded by the lock of the [Children].
    @Nullable Ending verdict;

    /// @param limit how long it may run; null for as long as it likes
    protected Job(Code code, Packed arguments, @Nullable Duration limit) {
        this(code, arguments, limit, false);
    }

    /// @param announced whether [#started] is called, which costs a little
    protected Job(Code code, Packed arguments, @Nullable Duration limit, boolean announced) {
        this.code = code;
        this.arguments = arguments;
        this.limit = limit;
        this.announced = announced || limit != null;
    }

    /// What is to be run.
    public final Code code() {
        return code;
    }

    /// What it is run with.
    public final Packed arguments() {
        return arguments;
    }

    /// How long it may run; null for as long as it likes.
    public final @Nullable Duration limit() {
        return limit;
    }

    /// How many nanoseconds it ran, as its child has measured; 0 when none has. Known in [#ended].
    public final long nanos() {
        return nanos;
    }

    /// Ends a job that was not run by [Children], but elsewhere.
    public final void end(Ending ending) {
        ended(ending);
    }

    /// Called once, on a thread that must not be held up for long.
    protected abstract void ended(Ending ending);

    /// Called in place of [#ended], on such a thread as well, when it was cancelled or withdrawn,
    /// and does not occupy a child any more.
    protected void dropped() {}

    /// Called when an announced job begins, on such a thread as well.
    protected void started() {}
}
