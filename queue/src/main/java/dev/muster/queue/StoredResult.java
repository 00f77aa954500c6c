package dev.muster.queue;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A [Result] that asks the result store.
final class StoredResult<R extends @Nullable Object> implements Result<R> {
    private final String id;
    private final Type type;
    private final ResultStore store;
    private final Json json;
    private final Failures failures;

    StoredResult(String id, Type type, ResultStore store, Json json, Failures failures) {
        this.id = Objects.requireNonNull(id, "id");
        this.type = type;
        this.store = store;
        this.json = json;
        this.failures = failures;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public State state() {
        return fetch().state();
    }

    private ResultRecord fetch() {
        return store.fetch(id).orElseGet(() -> ResultRecord.pending(id));
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
        var arrival = store.await(id);
        try {
            return value(arrival.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw new ResultTimeoutException(id, timeout, stateIfKnown());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof MusterException failure
                    ? failure
                    : new MusterException(
                            "waiting for task %s failed: %s".formatted(id, e.getCause()),
                            e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for task " + id);
        } finally {
            arrival.cancel(false);
        }
    }

    @Override
    public Optional<R> poll() {
        var record = fetch();
        return record.state().isReady() ? Optional.ofNullable(value(record)) : Optional.empty();
    }

    @Override
    public CompletableFuture<R> toCompletableFuture() {
        var arrival = store.await(id);
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
        if (!record.state().equals(State.SUCCESS)) {
            throw failures.rebuild(record);
        }
        return (R) json.convert(record.result(), type);
    }

    @Override
    public Optional<String> traceback() {
        return Optional.ofNullable(fetch().traceback());
    }

    @Override
    public void forget() {
        store.forget(id);
    }

    /// The id, so that a handle can be printed, as the id is all that is needed to find the result
    /// again.
    @Override
    public String toString() {
        return id;
    }
}
