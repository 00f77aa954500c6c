package dev.muster.queue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The handle of a group that was sent: the results of its members. Thread-safe.
///
/// Its value is the list of their values. Its state is SUCCESS when all have succeeded, FAILURE or
/// REVOKED as soon as one has failed or was revoked, and PENDING before.
///
/// @param <E> what each of its tasks returns
public interface GroupResult<E extends @Nullable Object> extends Result<List<E>> {
    /// The results of the members, in the order of the group.
    List<Result<E>> results();

    /// Waits for all members, or for the first that fails.
    @Override
    List<E> get(Duration timeout);

    /// The results of the members in the order in which they end, each as soon as it has, without
    /// polling. The stream waits; close it to stop waiting.
    ///
    /// @param timeout for each next one. After that the stream ends with a
    ///   [ResultTimeoutException].
    Stream<Result<E>> asTheyComplete(Duration timeout);

    /// How many members have ended, whether well or not.
    ///
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked
    int completed();
}
