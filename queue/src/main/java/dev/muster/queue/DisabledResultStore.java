package dev.muster.queue;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Keeps nothing, and says why when asked for something: for applications that never read results
/// (`disabled:`), and for tasks whose result is ignored.
final class DisabledResultStore implements ResultStore {
    private final String reason;

    DisabledResultStore(String reason) {
        this.reason = reason;
    }

    @Override
    public void store(ResultRecord record, @Nullable String replyTo) {
        // Nothing is kept, which is what this store is for.
    }

    @Override
    public Optional<ResultRecord> fetch(String taskId) {
        throw refusal();
    }

    @Override
    public CompletableFuture<ResultRecord> await(String taskId) {
        return CompletableFuture.failedFuture(refusal());
    }

    private ResultStoreException refusal() {
        return new ResultStoreException(reason, null);
    }

    @Override
    public void forget(String taskId) {
        // There is nothing to forget.
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public String description() {
        return "disabled";
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
