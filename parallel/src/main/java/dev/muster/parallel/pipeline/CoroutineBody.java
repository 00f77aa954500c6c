package dev.muster.parallel.pipeline;

/// The procedure of a coroutine; see [Pipelines#coroutine(CoroutineBody)].
@FunctionalInterface
public interface CoroutineBody<T> {
    /// Runs until the stage is closed, or until it has had enough.
    void run(Inbox<T> inbox) throws Exception;

    /// The procedure of a coroutine with a stage after it.
    @FunctionalInterface
    interface Linked<T, O> {
        /// As [CoroutineBody#run]. It need not close `next`.
        void run(Inbox<T> inbox, Stage<? super O> next) throws Exception;
    }
}
