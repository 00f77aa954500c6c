package dev.muster.queue.memory;

import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.AwaitedResults;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The result store whose records are in this object.
///
/// What hangs on a future runs on the thread that stores, and can use the store again.
final class MemoryResultStore implements ResultStore {
    private final InstantSource clock;
    private final Optional<Duration> expires;
    private final ResultFormat format;
    private final MemoryGroups groups;
    private final MemoryClaims claims;
    private final MemoryRates rates;
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock, in the order in which they expire.
    private final Map<String, Entry> records = new LinkedHashMap<>();

    private final AwaitedResults awaited = new AwaitedResults();

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
        } finally {
            lock.unlock();
        }
        awaited.found(record.taskId(), record);
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
        var future = awaited.await(taskId);
        fetch(taskId).ifPresent(record -> awaited.found(taskId, record));
        return future;
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
        awaited.close(new ResultStoreException("the result store memory: is closed", null));
    }
}
