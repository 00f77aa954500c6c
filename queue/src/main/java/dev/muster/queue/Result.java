package dev.muster.queue;

import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The handle of a task that was sent: where it is, and what came of it. Thread-safe.
///
/// A handle can be given up and made again from the id, in another process too, with
/// [Muster#result(String, Class)].
///
/// @param <R> what the task returns
public interface Result<R extends @Nullable Object> {
    /// The task's id.
    String id();

    /// Whether the call was not sent, because an equal one was waiting or running: see
    /// [Task#unique()]. The id is then that one's. Of a group: whether that is so for all members.
    boolean isDuplicate();

    /// The state as the store knows it now. PENDING stands for waiting tasks and for unknown ids
    /// alike.
    ///
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked
    State state();

    /// Waits for the result.
    ///
    /// @param timeout how long at the most
    /// @throws ResultTimeoutException when it is not there by then
    /// @throws TaskFailedException when the task failed; its subclass [TaskRevokedException] when
    ///   it was cancelled or expired
    /// @throws DuplicateTaskException when the call was dropped in favour of an equal one
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked, or nothing
    ///   is stored for this task
    /// @throws dev.muster.queue.codec.ConversionException when the value is not of the expected
    ///   type
    R get(Duration timeout);

    /// The result if it is there already.
    ///
    /// @return empty while the task has not ended, and also when it ended with null
    /// @throws TaskFailedException when the task failed
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked
    /// @throws dev.muster.queue.codec.ConversionException when the value is not of the expected
    ///   type
    Optional<R> poll();

    /// A future of the result, completed by push. It fails as [#get(Duration)] does; cancelling it
    /// stops the waiting, not the task.
    ///
    /// What hangs on it runs on the thread that receives results for all: give work that waits to
    /// an `…Async` method.
    CompletableFuture<R> toCompletableFuture();

    /// The stack trace of a failed task, as its worker wrote it; empty while it has not failed.
    ///
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked
    Optional<String> traceback();

    /// The result of what comes before it in the workflow that was sent; empty for the first, and
    /// for a handle that was made from an id.
    Optional<Result<?>> parent();

    /// The results of what the task has sent, its callbacks and the next step of its chain among
    /// them, in order; empty while it has not ended.
    ///
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked
    List<Result<?>> children();

    /// Waits for this result, and for those of all that it has brought about, children of children
    /// too.
    ///
    /// @param timeout for all together
    /// @return the values by id, parents before their children, as plain data where the type is not
    ///   known
    /// @throws TaskFailedException when one of them failed, as [#get(Duration)]
    SequencedMap<String, @Nullable Object> collect(Duration timeout);

    /// Tells all workers that listen now not to start the task any more, as [Muster#revoke]; of a
    /// group, all its members. What comes before it in a workflow goes on. Does nothing for a call
    /// that was dropped; that of an equal one is the equal one's.
    ///
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    void revoke();

    /// Tells all workers as [#revoke()], and to stop the task if it runs.
    ///
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    default void terminate() {
        terminate(Signal.TERM);
    }

    /// Tells all workers as [#revoke()], and to stop the task if it runs.
    ///
    /// @param signal for a task that runs in a process of its own; one that runs on a thread is
    ///   interrupted
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    void terminate(Signal signal);

    /// Keeps the ids of all tasks of the workflow in the store, as long as results are kept: so
    /// that [Muster#graph(String)] can draw all of it while it runs, and
    /// [Muster#groupResult(String, Class)], or Python's `GroupResult.restore`, finds a group by its
    /// id.
    ///
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be reached, or keeps
    ///   no groups
    void save();

    /// Removes the result from the store, and what was saved; the task itself is not stopped.
    ///
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be reached
    void forget();
}
