package dev.muster.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a program wants to do around its tasks: measure, log, set up a context. Given to
/// [Muster.Builder#hooks]; override what you need.
///
/// Hooks of a task run on its thread (with a pool of processes: in the worker, not in the child)
/// and count towards its time, but not towards its outcome: what they throw is logged, and nothing
/// else. They must be thread-safe.
public interface TaskHooks {
    /// A call is about to be sent. Called once, however often publishing is tried.
    ///
    /// @param id the id that it is sent with
    default void sending(Signature<?> call, String id) {}

    /// A worker is about to run the task.
    default void before(TaskContext task) {}

    /// The task has returned; its result is not stored yet.
    ///
    /// @param value as plain data
    default void succeeded(TaskContext task, @Nullable Object value) {}

    /// The task has failed for good; a hard time limit is a
    /// [java.util.concurrent.TimeoutException], a child process that died a
    /// [dev.muster.queue.spi.MusterException]. Its failure is not stored yet.
    default void failed(TaskContext task, Throwable cause) {}

    /// The task will be tried again.
    ///
    /// @param cause why, if the task says
    /// @param next not before
    default void retrying(TaskContext task, @Nullable Throwable cause, Instant next) {}

    /// The run of the task has ended, in whatever way.
    default void after(TaskContext task) {}

    /// A worker has been started, and does not take messages yet.
    default void workerStarted(Worker worker) {}

    /// A worker has stopped: what it ran is settled.
    default void workerStopped(Worker worker) {}
}
