package dev.muster.queue;

import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.State;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a program wants to do around its tasks: measure, trace, log, set up a context. Given to
/// [Muster.Builder#hooks]; override what you need.
///
/// Hooks of a task run on its thread (with a pool of processes: in the worker, not in the child)
/// and count towards its time, but not towards its outcome: what they throw is logged, and nothing
/// else. They must be thread-safe.
///
/// What belongs to one run, hooks keep with it: [TaskContext#attach].
public interface TaskHooks {
    /// A call is about to be sent. Called once, however often publishing is tried.
    ///
    /// @param id the id that it is sent with
    default void sending(Signature<?> call, String id) {}

    /// Sends messages: new calls, and tasks that are to be tried again. Override it to add headers,
    /// or to do something before and after; call `send` once, on this thread. Also what follows a
    /// task, such as the next step of a chain, is sent here, [within][#within] that task.
    ///
    /// @param messages that are sent together
    /// @param send returns when the broker has them, or the transaction has them in which they are
    ///   sent; throws when it does not get them
    default void publish(List<OutgoingTask> messages, Runnable send) {
        send.run();
    }

    /// A worker is about to run the task.
    default void before(TaskContext task) {}

    /// Does a step in the life of a task: first runs it, then, on this thread or another, stores
    /// its outcome and sends what follows. Override it to set up what is bound to a thread, such as
    /// a transaction's context or that of a log; call `step` once, on this thread.
    ///
    /// @param step what it throws is not the task's failure, but the worker's affair
    default void within(TaskContext task, Runnable step) {
        step.run();
    }

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
    ///
    /// @param state SUCCESS, FAILURE or RETRY; REVOKED when it was stopped; IGNORED when nothing
    ///   shall be stored, or something else is done in its place; REJECTED when it gives its
    ///   message up
    default void after(TaskContext task, State state) {}

    /// The task will not be run, because it was revoked, or has expired.
    ///
    /// @param reason `revoked` or `expired`
    default void discarded(TaskContext task, String reason) {}

    /// A worker has refused a message, which cannot be read, or calls a task that is not registered
    /// here.
    default void refused(Message message) {}

    /// A worker has been started, and does not take messages yet.
    default void workerStarted(Worker worker) {}

    /// A worker has stopped: what it ran is settled.
    default void workerStopped(Worker worker) {}
}
