package dev.muster.queue.spi;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Keeps the outcome of tasks until someone reads it, or until `result_expires` has passed.
/// Thread-safe.
///
/// A store connects when first used and again after a connection was lost. Methods throw
/// [ResultStoreException].
public interface ResultStore extends AutoCloseable {
    /// Stores the record, and wakes whoever waits for it. Returns when it is stored. A stored
    /// SUCCESS is never overwritten, so that a late duplicate cannot take a result back.
    ///
    /// @param replyTo the sender's reply address, which `rpc://` sends the record to
    void store(ResultRecord record, @Nullable String replyTo);

    /// The record as it is now; empty when there is none (the task is PENDING or unknown, or the
    /// record has expired).
    Optional<ResultRecord> fetch(String taskId);

    /// A future that completes with the record once its state is ready, pushed by the store where
    /// it can push. Survives a lost connection: the wait goes on after the reconnection. Cancel the
    /// future to stop waiting. It completes with a [ResultStoreException] when the store cannot
    /// wait at all, or is closed.
    CompletableFuture<ResultRecord> await(String taskId);

    /// Futures as [#await(String)] makes them, in the same order, for many at once, which a store
    /// may do with fewer round trips.
    default List<CompletableFuture<ResultRecord>> await(List<String> taskIds) {
        return taskIds.stream().map(this::await).toList();
    }

    /// Forgets the record.
    void forget(String taskId);

    /// The address for the `reply_to` of messages whose results this store shall receive; empty
    /// where results do not travel as messages. Ready to receive when this returns.
    ///
    /// @throws BrokerException transient when results travel as messages, and the broker is away
    default Optional<String> replyAddress() {
        return Optional.empty();
    }

    /// Whether workers can read what other workers have stored, and not only the sender of a task.
    default boolean isShared() {
        return true;
    }

    /// What this store can do for groups; empty where it keeps single results only. Chords then
    /// cost a task that looks again and again whether all members have ended.
    default Optional<GroupStore> groups() {
        return Optional.empty();
    }

    /// What this store can do so that something is done once only; empty where it cannot.
    default Optional<ClaimStore> claims() {
        return Optional.empty();
    }

    /// What this store can do so that all workers together keep to a rate; empty where it cannot.
    default Optional<RateStore> rates() {
        return Optional.empty();
    }

    /// Deletes what has expired, where the store does not do so by itself at once.
    default void cleanUp() {}

    /// Where this store is, for people: the URL with its password masked.
    String description();

    /// Frees the connections. Twice is harmless.
    @Override
    void close();
}
