package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Job;
import org.jspecify.annotations.Nullable;

/// A job on its way. Guarded by the lock of the [Dispatcher].
final class Errand {
    final Job job;

    /// Who has it; null while it waits.
    @Nullable Place place;

    /// Its number there.
    long number;

    /// Whether it is known to have begun.
    boolean started;

    /// Whether its place was asked to give it back.
    boolean asked;

    /// Whether nobody wants its result any more.
    boolean cancelled;

    /// When it was sent to a place that had a slot for it; 0 when it had to wait there.
    long sentToFreeSlot;

    /// It, as a local child has it.
    @Nullable LocalJob local;

    Errand(Job job) {
        this.job = job;
    }

    long function() {
        return job.code().id();
    }
}
