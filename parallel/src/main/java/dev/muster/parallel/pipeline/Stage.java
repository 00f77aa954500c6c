package dev.muster.parallel.pipeline;

/// A part of a pipeline, into which values are pushed. It lives as a coroutine does: it takes
/// values until it is closed, then runs its clean-up and closes what comes after it.
///
/// A stage is used by one thread at a time, except where its maker says otherwise. What a later
/// stage throws reaches the caller of [#send].
///
/// @param <T> what it takes
public interface Stage<T> extends AutoCloseable {
    /// Hands over a value, and returns when the stage is ready for the next one.
    ///
    /// @throws StageClosedException when the stage is closed or has ended
    void send(T value);

    /// Throws an exception inside the stage, where it waits for a value. A stage of plain functions
    /// passes it on to the next stage. A coroutine that catches it goes on; otherwise the stage
    /// ends without its last words, such as a total, and this method throws the exception.
    ///
    /// @throws StageClosedException when the stage is closed or has ended
    /// @throws StageFailedException when `cause` is a checked exception that no stage catches
    void raise(Throwable cause);

    /// Says that no more values come. The stage sends what it still holds, cleans up, and closes
    /// the next stages. Closing twice is harmless.
    @Override
    void close();
}
