package dev.muster.queue;

import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The [Result] of a call that was not sent, in favour of an equal one.
///
/// @param id of the equal one
record DroppedResult<R extends @Nullable Object>(String id) implements Result<R> {
    @Override
    public boolean isDuplicate() {
        return true;
    }

    /// It did not run, and will not.
    @Override
    public State state() {
        return State.REVOKED;
    }

    private DuplicateTaskException refusal() {
        return new DuplicateTaskException(id);
    }

    @Override
    public R get(Duration timeout) {
        throw refusal();
    }

    @Override
    public Optional<R> poll() {
        throw refusal();
    }

    @Override
    public CompletableFuture<R> toCompletableFuture() {
        return CompletableFuture.failedFuture(refusal());
    }

    @Override
    public Optional<String> traceback() {
        return Optional.empty();
    }

    @Override
    public Optional<Result<?>> parent() {
        return Optional.empty();
    }

    @Override
    public List<Result<?>> children() {
        return List.of();
    }

    @Override
    public SequencedMap<String, @Nullable Object> collect(Duration timeout) {
        throw refusal();
    }

    @Override
    public void revoke() {
        // The other is not this one's to stop.
    }

    @Override
    public void terminate(Signal signal) {
        // Neither.
    }

    @Override
    public void save() {
        // There is no task to find again.
    }

    @Override
    public void forget() {
        // Nothing is kept of it.
    }

    /// The id, as of any other result.
    @Override
    public String toString() {
        return id;
    }
}
