package dev.muster.queue.memory;

import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.RateStore;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The result store whose records are in this object.
///
/// Futures are completed outside the lock, on the thread that stores, so that what hangs on them
/// can use the store again.
final class MemoryResultStore implements ResultStore {
    private final InstantSource clock;
    private final Optional<Duration> expires;
    private final ResultFormat format;
    private final MemoryGroups groups;
    private final MemoryClaims claims;
    private final MemoryRates rates;
    private final ReentrantLock lock = new ReentrantLock();

    /// The following are guarded by the lock. The records stand in the order in which they expire.
    private final Map<String, Entry> records = new LinkedHashMap<>();

    private final Map<String, List<CompletableFuture<ResultRecord>>> waiting = new HashMap<>();
    private boolean closed;

    MemoryResultStore(InstantSource clock, Optional<Duration> expires, ResultFormat format) {
        this.clock = clock;
        this.expires = expires;
        this.format = format;
        this.groups = new MemoryGroups(clock, expires);
        this.claims = new MemoryClaims(clock);
        this.rates = new MemoryRates(clock);
    }

    private record Entry(ResultRecord record, @Nullable Instant expiresAt) {
        private boolean isExpired(Instant now) {
            return expiresAt != null && !expiresAt.isAfter(now);
        }
    }

    @Override
    public void store(ResultRecord given, @Nullable String replyTo) {
        // Written and read, as every other store does, so that a program meets here what it will
        // meet there.
        var record = format.read(format.write(given));
        List<CompletableFuture<ResultRecord>> woken = List.of();
        lock.lock();
        try {
            var now = clock.instant();
            forgetExpired(now);
            var known = records.get(record.taskId());
            if (known != null && known.record.state().equals(State.SUCCESS)) {
                return;
            }
            records.remove(record.taskId());
            records.put(record.taskId(), new Entry(record, expires.map(now::plus).orElse(null)));
            if (record.state().isReady()) {
                woken = waiting.getOrDefault(record.taskId(), List.of());
                waiting.remove(record.taskId());
            }
        } finally {
            lock.unlock();
        }
        woken.forEach(future -> future.complete(record));
    }

    private void forgetExpired(Instant now) {
        var oldest = records.values().iterator();
        while (oldest.hasNext() && oldest.next().isExpired(now)) {
            oldest.remove();
        }
    }

    @Override
    public Optional<ResultRecord> fetch(String taskId) {
        lock.lock();
        try {
            forgetExpired(clock.instant());
            return Optional.ofNullable(records.get(taskId)).map(Entry::record);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletableFuture<ResultRecord> await(String taskId) {
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.failedFuture(closedException());
            }
            var known = fetch(taskId);
            if (known.isPresent() && known.get().state().isReady()) {
                return CompletableFuture.completedFuture(known.get());
            }
            var future = new CompletableFuture<ResultRecord>();
            waiting.computeIfAbsent(taskId, _ -> new ArrayList<>()).add(future);
            var _ = future.whenComplete((_, _) -> stopWaiting(taskId));
            return future;
        } finally {
            lock.unlock();
        }
    }

    /// Lets go of the futures that are done, be it by cancellation.
    private void stopWaiting(String taskId) {
        lock.lock();
        try {
            waiting.computeIfPresent(
                    taskId,
                    (_, futures) -> {
                        futures.removeIf(CompletableFuture::isDone);
                        return futures.isEmpty() ? null : futures;
                    });
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void forget(String taskId) {
        lock.lock();
        try {
            records.remove(taskId);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<GroupStore> groups() {
        return Optional.of(groups);
    }

    @Override
    public Optional<ClaimStore> claims() {
        return Optional.of(claims);
    }

    @Override
    public Optional<RateStore> rates() {
        return Optional.of(rates);
    }

    @Override
    public String description() {
        return "memory:";
    }

    @Override
    public void close() {
        var abandoned = new ArrayList<CompletableFuture<ResultRecord>>();
        lock.lock();
        try {
            closed = true;
            waiting.values().forEach(abandoned::addAll);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        abandoned.forEach(future -> future.completeExceptionally(closedException()));
    }

    private static ResultStoreException closedException() {
        return new ResultStoreException("the result store memory: is closed", null);
    }
}
