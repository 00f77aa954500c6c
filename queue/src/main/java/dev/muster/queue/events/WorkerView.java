package dev.muster.queue.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A worker as its events tell of it, at one moment. Texts come from messages, so they may hold
/// anything.
///
/// @param name of the node
/// @param offline whether it has told that it ends
/// @param heard when it was last heard of, by the clock of who listens
/// @param interval at which it tells that it lives
/// @param pid of its process
/// @param active how many tasks it runs
/// @param processed how many tasks it has had
/// @param load of its machine: over 1, 5 and 15 minutes
/// @param software such as `py-celery 5.6.3`
/// @param system such as `Linux`
/// @param clock its logical clock
/// @param revision of the [ClusterState] that this is news since
public record WorkerView(
        String name,
        boolean offline,
        Instant heard,
        Duration interval,
        Optional<Long> pid,
        Optional<Long> active,
        Optional<Long> processed,
        List<Double> load,
        String software,
        String system,
        long clock,
        long revision) {

    /// What a worker may be late, in intervals (celery-wire 8.4).
    private static final int PATIENCE = 2;

    public WorkerView {
        load = List.copyOf(load);
    }

    /// Whether it seems to live: it has not told that it ends, and not missed two of its
    /// heartbeats.
    public boolean isAlive(Instant now) {
        return !offline && now.isBefore(heard.plus(interval.multipliedBy(PATIENCE)));
    }
}
