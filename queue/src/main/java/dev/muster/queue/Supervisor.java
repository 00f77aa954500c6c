package dev.muster.queue;

import dev.muster.queue.spi.TurnableClock;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Watches the tasks that run on a worker: ends those that take too long, and those that have been
/// revoked. Thread-safe.
final class Supervisor implements AutoCloseable {
    private final RevokedTasks revoked;
    private final Map<String, TaskExecution> running = new ConcurrentHashMap<>();
    private final Timer timer;

    Supervisor(RevokedTasks revoked, InstantSource clock) {
        this.revoked = revoked;
        this.timer = Timer.of(clock, "time-limits");
    }

    boolean isRevoked(String id) {
        return revoked.contains(id);
    }

    /// Watches a task until that is closed.
    Watch watch(String id, TaskExecution execution, TimeLimits limits) {
        running.put(id, execution);
        var alarms =
                Stream.concat(
                                limits.soft().stream()
                                        .map(limit ->
                                                timer.after(limit, () -> execution.remind(limit))),
                                limits.hard().stream()
                                        .map(limit ->
                                                timer.after(
                                                        limit,
                                                        () ->
                                                                execution.giveUp(
                                                                        new Outcome.TimedOut(limit),
                                                                        "KILL"))))
                        .toList();
        return () -> {
            alarms.forEach(TurnableClock.Alarm::cancel);
            running.remove(id, execution);
        };
    }

    /// From now on these tasks are not started.
    ///
    /// @param terminate whether to stop those that run
    void revoke(Collection<String> ids, boolean terminate) {
        revoked.add(ids);
        if (terminate) {
            for (var id : ids) {
                var execution = running.get(id);
                if (execution != null) {
                    execution.giveUp(new Outcome.Revoked("terminated"), "TERM");
                }
            }
        }
    }

    @Override
    public void close() {
        timer.close();
    }

    @FunctionalInterface
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
