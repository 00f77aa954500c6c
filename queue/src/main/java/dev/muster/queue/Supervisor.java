package dev.muster.queue;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.TurnableClock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Watches the tasks that run on a worker: ends those that take too long, and those that have been
/// revoked. Thread-safe.
final class Supervisor implements AutoCloseable {
    private final RevokedTasks revoked;
    private final Map<TaskExecution, TaskRequest> running = new ConcurrentHashMap<>();

    /// Limits that were changed at run time, by the task's name.
    private final Map<String, TimeLimits> changed = new ConcurrentHashMap<>();

    private final Timer timer;

    Supervisor(RevokedTasks revoked, InstantSource clock) {
        this.revoked = revoked;
        this.timer = Timer.of(clock, "time-limits");
    }

    boolean isRevoked(TaskRequest request) {
        return revoked.contains(request);
    }

    /// Changes the limits of a task, whatever its own say.
    void changeTimeLimits(String task, TimeLimits limits) {
        changed.put(task, limits);
    }

    /// What holds for the task now.
    TimeLimits timeLimits(TaskDefinition task) {
        return changed.getOrDefault(task.name(), task.timeLimits());
    }

    /// The ids of revoked tasks.
    List<String> revoked() {
        return revoked.all();
    }

    /// Watches a task until that is closed.
    Watch watch(TaskRequest request, TaskExecution execution, TimeLimits limits) {
        running.put(execution, request);
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
                                                                        Signal.KILL))))
                        .toList();
        return () -> {
            alarms.forEach(TurnableClock.Alarm::cancel);
            running.remove(execution);
        };
    }

    /// From now on these tasks are not started.
    ///
    /// @return those of them that ran, if they were to be stopped
    List<String> revoke(Revocation revocation) {
        revoked.add(revocation.target());
        var signal = revocation.terminate();
        var stopped = new ArrayList<String>();
        if (signal != null) {
            running.forEach((execution, request) -> {
                if (revocation.target().includes(request)) {
                    execution.giveUp(new Outcome.Revoked("terminated"), signal);
                    stopped.add(request.id());
                }
            });
        }
        return stopped;
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
