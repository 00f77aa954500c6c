package dev.muster.queue.spi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Those who wait for results: the futures that a [ResultStore] has given away and not completed
/// yet, by the id of the task, or by whatever the store keeps its result under. Thread-safe.
///
/// A store begins a wait first, and looks for the record then; and it stores a record first, and
/// tells of it then. So either the look finds the record, or the waiting one is told:
///
/// ```
/// var future = awaited.await(taskId);
/// fetch(taskId).ifPresent(record -> awaited.found(taskId, record));
/// return future;
/// ```
///
/// A store whose look fails cancels the future, which ends the wait.
///
/// What hangs on a future is foreign code. It runs on the thread that ends the wait, and never
/// under a lock of this class.
///
/// **A store that subscribes** to what it waits for does so after [#await(String)], and
/// unsubscribes when it is told that nobody waits any more. By then somebody may wait again.
/// Therefore it holds a lock of its own from [#await(String)] until it has subscribed, and also
/// while it asks [#isAwaited(String)] and unsubscribes if that is false.
public final class AwaitedResults {
    private final Consumer<String> left;
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock, as is what follows. No list is empty.
    private final Map<String, List<CompletableFuture<ResultRecord>>> waiting = new HashMap<>();

    /// Why it was closed; null until then.
    private @Nullable ResultStoreException closed;

    public AwaitedResults() {
        this(_ -> {});
    }

    /// @param left told each key that nobody waits for any more, after its last wait has ended or
    ///   was cancelled, outside of the lock; not told when all is closed
    public AwaitedResults(Consumer<String> left) {
        this.left = left;
    }

    /// Begins a wait: a future for [ResultStore#await(String)]. Whoever cancels it waits no longer.
    ///
    /// @return after [#close(ResultStoreException)] one that has failed
    public CompletableFuture<ResultRecord> await(String key) {
        var future = new CompletableFuture<ResultRecord>();
        lock.lock();
        try {
            if (closed != null) {
                return CompletableFuture.failedFuture(closed);
            }
            waiting.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(future);
        } finally {
            lock.unlock();
        }
        // What this returns is not for the caller: cancelling that would not end the wait.
        var _ = future.whenComplete((_, _) -> leave(key));
        return future;
    }

    private void leave(String key) {
        boolean isLast;
        lock.lock();
        try {
            var futures = waiting.get(key);
            isLast =
                    futures != null
                            && futures.removeIf(CompletableFuture::isDone)
                            && futures.isEmpty();
            if (isLast) {
                waiting.remove(key);
            }
        } finally {
            lock.unlock();
        }
        if (isLast) {
            left.accept(key);
        }
    }

    /// Ends all waits for the key, if the state of its record is ready; otherwise they go on.
    public void found(String key, ResultRecord record) {
        if (record.state().isReady()) {
            end(key, future -> future.complete(record));
        }
    }

    /// Ends all waits for the key without a record.
    public void failed(String key, ResultStoreException failure) {
        end(key, future -> future.completeExceptionally(failure));
    }

    private void end(String key, Consumer<CompletableFuture<ResultRecord>> completion) {
        List<CompletableFuture<ResultRecord>> ended;
        lock.lock();
        try {
            ended = waiting.remove(key);
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.forEach(completion);
            left.accept(key);
        }
    }

    /// Whether somebody waits for it now.
    public boolean isAwaited(String key) {
        lock.lock();
        try {
            return waiting.containsKey(key);
        } finally {
            lock.unlock();
        }
    }

    /// All that somebody waits for now.
    public Set<String> keys() {
        lock.lock();
        try {
            return Set.copyOf(waiting.keySet());
        } finally {
            lock.unlock();
        }
    }

    /// Whether no wait can begin any more.
    public boolean isClosed() {
        lock.lock();
        try {
            return closed != null;
        } finally {
            lock.unlock();
        }
    }

    /// Ends all waits, those that would begin later too. Twice is harmless.
    ///
    /// @param reason what they fail with
    public void close(ResultStoreException reason) {
        List<List<CompletableFuture<ResultRecord>>> abandoned;
        lock.lock();
        try {
            closed = closed == null ? reason : closed;
            abandoned = List.copyOf(waiting.values());
            waiting.clear();
        } finally {
            lock.unlock();
        }
        abandoned.forEach(
                futures -> futures.forEach(future -> future.completeExceptionally(reason)));
    }
}
