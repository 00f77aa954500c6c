package dev.muster.queue;

import dev.muster.queue.memory.MemoryResultStoreProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A result store in memory that does what a test says around its work: the URL is `faulty:`.
final class FaultyResultStore implements ResultStore {
    private final ResultStore store;
    private final AtomicReference<Runnable> beforeStoring = new AtomicReference<>(() -> {});

    private final AtomicReference<Runnable> afterStoring = new AtomicReference<>(() -> {});
    private final AtomicReference<Runnable> afterClaiming = new AtomicReference<>(() -> {});
    private final AtomicInteger storings = new AtomicInteger();

    private FaultyResultStore(ResultStore store) {
        this.store = store;
    }

    /// Runs before each record is stored: it may throw, or wait.
    void beforeStoring(Runnable action) {
        beforeStoring.set(action);
    }

    /// Runs after each record was stored.
    void afterStoring(Runnable action) {
        afterStoring.set(action);
    }

    /// Runs after each claim was made or refused.
    void afterClaiming(Runnable action) {
        afterClaiming.set(action);
    }

    /// How many records were stored.
    int storings() {
        return storings.get();
    }

    @Override
    public void store(ResultRecord record, @Nullable String replyTo) {
        beforeStoring.get().run();
        store.store(record, replyTo);
        storings.incrementAndGet();
        afterStoring.get().run();
    }

    @Override
    public Optional<ResultRecord> fetch(String taskId) {
        return store.fetch(taskId);
    }

    @Override
    public CompletableFuture<ResultRecord> await(String taskId) {
        return store.await(taskId);
    }

    @Override
    public void forget(String taskId) {
        store.forget(taskId);
    }

    @Override
    public Optional<ClaimStore> claims() {
        return store.claims().map(Claims::new);
    }

    private final class Claims implements ClaimStore {
        private final ClaimStore claims;

        private Claims(ClaimStore claims) {
            this.claims = claims;
        }

        @Override
        public String claim(String key, String owner, Duration lifetime) {
            var now = claims.claim(key, owner, lifetime);
            afterClaiming.get().run();
            return now;
        }

        @Override
        public void release(String key, String owner) {
            claims.release(key, owner);
        }
    }

    @Override
    public String description() {
        return "faulty:";
    }

    @Override
    public void close() {
        store.close();
    }

    public static final class Provider implements ResultStoreProvider {
        @Override
        public Set<String> schemes() {
            return Set.of("faulty");
        }

        @Override
        public ResultStore open(ServiceUrl url, Environment environment, Broker broker) {
            return new FaultyResultStore(
                    new MemoryResultStoreProvider().open(url, environment, broker));
        }
    }
}
