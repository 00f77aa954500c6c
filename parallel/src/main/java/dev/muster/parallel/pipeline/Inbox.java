package dev.muster.parallel.pipeline;

/// Where a coroutine receives what is sent to its stage. In a loop, `for (var value : inbox)`, the
/// loop ends when the stage is closed.
public interface Inbox<T> extends Iterable<T> {
    /// Waits for the next value.
    ///
    /// @throws StageClosedException when the stage is closed; a coroutine may let it pass, its
    ///   `finally` blocks are its clean-up
    T receive() throws StageClosedException;
}
