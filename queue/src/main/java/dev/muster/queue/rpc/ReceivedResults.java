package dev.muster.queue.rpc;

import dev.muster.queue.spi.AwaitedResults;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/// The records that have come in, and those who wait for one. Thread-safe.
final class ReceivedResults {
    /// As many as Celery keeps.
    private static final int MAX_RECORDS = 8_192;

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock; oldest first.
    private final Map<String, ResultRecord> records = new LinkedHashMap<>();

    private final AwaitedResults awaited = new AwaitedResults();

    /// Keeps the record, unless a more final one is here already, and ends the wait for it.
    void put(ResultRecord record) {
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
        } finally {
            lock.unlock();
        }
        awaited.found(record.taskId(), record); // outside the lock: it runs foreign code
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
        var future = awaited.await(taskId);
        get(taskId).ifPresent(record -> awaited.found(taskId, record));
        return future;
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
        awaited.close(reason);
    }
}
