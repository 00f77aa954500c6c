package dev.muster.queue;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A [Result] that asks the result store.
final class StoredResult<R extends @Nullable Object> implements Result<R> {
    private final ResultTree.One tree;
    private final ResultStore store;
    private final Results results;

    StoredResult(ResultTree.One tree, ResultStore store, Results results) {
        this.tree = tree;
        this.store = store;
        this.results = results;
    }

    @Override
    public String id() {
        return tree.id();
    }

    @Override
    public boolean isDuplicate() {
        return tree.unique() != Task.Unique.NO;
    }

    @Override
    public State state() {
        return fetch().state();
    }

    private ResultRecord fetch() {
        return store.fetch(id()).orElseGet(() -> ResultRecord.pending(id()));
    }

    private String stateIfKnown() {
        try {
            return state().name();
        } catch (ResultStoreException e) {
            return "unknown, as the result store does not answer";
        }
    }

    @Override
    public R get(Duration timeout) {
        return value(Results.await(ended(), id(), timeout, this::stateIfKnown));
    }

    /// A future of the record that decides: the task's own, or that of one before it which failed.
    private CompletableFuture<ResultRecord> ended() {
        var own = store.await(id());
        return tree.parent() == null ? own : Results.first(own, results.failureBefore(tree));
    }

    @Override
    public Optional<R> poll() {
        var record = fetch();
        return record.state().isReady() ? Optional.ofNullable(value(record)) : Optional.empty();
    }

    @Override
    public CompletableFuture<R> toCompletableFuture() {
        return future(ended());
    }

    /// Whether its own record alone decides, in the store of all.
    boolean isAwaitedByIdAlone() {
        return tree.parent() == null && !tree.isIgnored();
    }

    /// A future of the result by that of the record.
    CompletableFuture<R> future(CompletableFuture<ResultRecord> arrival) {
        var value = new CompletableFuture<R>();
        var _ = value.whenComplete((_, _) -> arrival.cancel(false));
        var _ = arrival.whenComplete((record, failure) -> complete(value, record, failure));
        return value;
    }

    private void complete(
            CompletableFuture<R> future,
            @Nullable ResultRecord record,
            @Nullable Throwable failure) {
        if (record == null) {
            future.completeExceptionally(failure == null ? new CancellationException() : failure);
            return;
        }
        try {
            future.complete(value(record));
        } catch (RuntimeException | Error e) { // such as from the constructor of the user's record
            future.completeExceptionally(e);
        }
    }

    @SuppressWarnings({
        "unchecked",
        "NullAway"
    }) // the type was taken from the method, or from the caller, together with R, and knows whether
    // R may be null
    private R value(ResultRecord record) {
        return (R) results.value(record, tree);
    }

    @Override
    public Optional<Result<?>> parent() {
        return Optional.ofNullable(tree.parent()).map(results::of);
    }

    @Override
    public List<Result<?>> children() {
        return results.children(store.fetch(id()));
    }

    @Override
    public SequencedMap<String, @Nullable Object> collect(Duration timeout) {
        return Results.collect(this, timeout);
    }

    @Override
    public Optional<String> traceback() {
        return Optional.ofNullable(fetch().traceback());
    }

    @Override
    public void revoke() {
        results.revoke(tree, null);
    }

    @Override
    public void terminate(Signal signal) {
        results.revoke(tree, signal);
    }

    @Override
    public void save() {
        results.groups().save(id(), tree.toTuple());
    }

    @Override
    public void forget() {
        store.forget(id());
        store.groups().ifPresent(groups -> groups.forget(id()));
    }

    /// The id, so that a handle can be printed, as the id is all that is needed to find the result
    /// again.
    @Override
    public String toString() {
        return id();
    }
}
