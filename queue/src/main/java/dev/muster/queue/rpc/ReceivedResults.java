package dev.muster.queue.rpc;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The records that have come in, and those who wait for one. Thread-safe.
final class ReceivedResults {
    /// As many as Celery keeps.
    private static final int MAX_RECORDS = 8_192;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock; oldest first.
    private final Map<String, ResultRecord> records = new LinkedHashMap<>();

    /// Guarded by the lock.
    private final Map<String, List<CompletableFuture<ResultRecord>>> waiting = new HashMap<>();

    /// Guarded by the lock.
    private @Nullable ResultStoreException closed;

    /// Keeps the record, unless a more final one is here already, and ends the wait for it.
    void put(ResultRecord record) {
        List<CompletableFuture<ResultRecord>> woken = List.of();
        lock.lock();
        try {
            var former = records.get(record.taskId());
            if (former != null && !mayReplace(former.state(), record.state())) {
                return;
            }
            records.remove(record.taskId()); // so that it becomes the newest
            records.put(record.taskId(), record);
            if (records.size() > MAX_RECORDS) {
                records.remove(records.keySet().iterator().next());
            }
            if (record.state().isReady()) {
                woken = waiting.getOrDefault(record.taskId(), List.of());
                waiting.remove(record.taskId());
            }
        } finally {
            lock.unlock();
        }
        woken.forEach(future -> future.complete(record)); // outside the lock: it runs foreign code
    }

    /// A success stays, and nothing that is not final replaces what is.
    private static boolean mayReplace(State former, State latter) {
        return !former.equals(State.SUCCESS) && (latter.isReady() || !former.isReady());
    }

    Optional<ResultRecord> get(String taskId) {
        lock.lock();
        try {
            return Optional.ofNullable(records.get(taskId));
        } finally {
            lock.unlock();
        }
    }

    CompletableFuture<ResultRecord> await(String taskId) {
        lock.lock();
        try {
            if (closed != null) {
                return CompletableFuture.failedFuture(closed);
            }
            var record = records.get(taskId);
            if (record != null && record.state().isReady()) {
                return CompletableFuture.completedFuture(record);
            }
            var future = new CompletableFuture<ResultRecord>();
            waiting.computeIfAbsent(taskId, _ -> new ArrayList<>()).add(future);
            // Not its result is returned but the future, because cancelling the result would not
            // end the future.
            var _ = future.whenComplete((_, _) -> stopWaiting(taskId));
            return future;
        } finally {
            lock.unlock();
        }
    }

    private void stopWaiting(String taskId) {
        lock.lock();
        try {
            var futures = waiting.get(taskId);
            if (futures != null
                    && futures.removeIf(CompletableFuture::isDone)
                    && futures.isEmpty()) {
                waiting.remove(taskId);
            }
        } finally {
            lock.unlock();
        }
    }

    void forget(String taskId) {
        lock.lock();
        try {
            records.remove(taskId);
        } finally {
            lock.unlock();
        }
    }

    /// Ends all waits, now and later, with `reason`.
    void close(ResultStoreException reason) {
        List<CompletableFuture<ResultRecord>> abandoned = new ArrayList<>();
        lock.lock();
        try {
            closed = reason;
            waiting.values().forEach(abandoned::addAll);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        abandoned.forEach(future -> future.completeExceptionally(reason));
    }
}
