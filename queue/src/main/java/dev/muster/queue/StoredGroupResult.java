package dev.muster.queue;

import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// A [GroupResult] that asks the result store.
final class StoredGroupResult<E extends @Nullable Object> implements GroupResult<E> {
    private final ResultTree.Many tree;
    private final Results results;
    private final List<Result<E>> members;

    @SuppressWarnings("unchecked") // the tree was made of a workflow together with E
    StoredGroupResult(ResultTree.Many tree, Results results) {
        this.tree = tree;
        this.results = results;
        this.members =
                tree.members().stream().map(member -> (Result<E>) results.of(member)).toList();
    }

    @Override
    public String id() {
        return tree.id();
    }

    @Override
    public List<Result<E>> results() {
        return members;
    }

    @Override
    public boolean isDuplicate() {
        return !members.isEmpty() && members.stream().allMatch(Result::isDuplicate);
    }

    @Override
    public State state() {
        var states = members.stream().map(Result::state).toList();
        return states.stream()
                .filter(state -> state.isReady() && !state.equals(State.SUCCESS))
                .findFirst()
                .orElse(states.stream().allMatch(State::isReady) ? State.SUCCESS : State.PENDING);
    }

    @Override
    public int completed() {
        return (int) members.stream().filter(member -> member.state().isReady()).count();
    }

    @Override
    public List<E> get(Duration timeout) {
        return Results.await(
                toCompletableFuture(),
                id(),
                timeout,
                () -> "%d of %d have ended".formatted(completed(), members.size()));
    }

    @Override
    public Optional<List<E>> poll() {
        if (completed() < members.size()) {
            return Optional.empty();
        }
        var values = new ArrayList<E>(members.size());
        for (var member : members) {
            values.add(valueOf(member));
        }
        return Optional.of(values);
    }

    /// Of one that has ended: an empty answer means null.
    @SuppressWarnings("NullAway") // E knows whether it may be null
    private static <T extends @Nullable Object> T valueOf(Result<T> member) {
        return member.poll().orElse(null);
    }

    @Override
    public CompletableFuture<List<E>> toCompletableFuture() {
        if (members.isEmpty() && tree.parent() != null) {
            return afterParent(results.of(tree.parent()));
        }
        var futures = futures();
        var values = new CompletableFuture<List<E>>();
        var before = results.failureBefore(tree);
        var all = CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
        var _ =
                all.whenComplete((_, failure) -> {
                    if (failure == null) {
                        var list = new ArrayList<E>(futures.size());
                        futures.forEach(future -> list.add(future.join()));
                        values.complete(list);
                    }
                });
        for (var future : futures) {
            var _ =
                    future.whenComplete((_, failure) -> {
                        if (failure != null) {
                            values.completeExceptionally(failure);
                        }
                    });
        }
        var _ =
                before.whenComplete((record, _) -> {
                    if (record != null) {
                        values.completeExceptionally(results.rebuild(record, tree));
                    }
                });
        var _ =
                values.whenComplete((_, _) -> {
                    before.cancel(false);
                    futures.forEach(future -> future.cancel(false));
                });
        return values;
    }

    /// Those of the members; the store is asked for all single tasks at once.
    private List<CompletableFuture<E>> futures() {
        var singles = new ArrayList<StoredResult<E>>();
        for (var member : members) {
            if (member instanceof StoredResult<E> single && single.isAwaitedByIdAlone()) {
                singles.add(single);
            }
        }
        if (singles.isEmpty()) {
            return members.stream().map(Result::toCompletableFuture).toList();
        }
        var arrivals =
                results.store()
                        .get()
                        .await(singles.stream().map(StoredResult::id).toList())
                        .iterator();
        var futures = new ArrayList<CompletableFuture<E>>(members.size());
        for (var member : members) {
            futures.add(
                    member instanceof StoredResult<E> single && single.isAwaitedByIdAlone()
                            ? single.future(arrivals.next())
                            : member.toCompletableFuture());
        }
        return futures;
    }

    /// A group of none at the end of a chain: it ends when what is before it does.
    private CompletableFuture<List<E>> afterParent(Result<?> parent) {
        var before = parent.toCompletableFuture();
        var values = before.thenApply(_ -> List.<E>of());
        var _ = values.whenComplete((_, _) -> before.cancel(false));
        return unwrapped(values);
    }

    /// Fails with what the other failed with, and not with the wrapper that a dependent gets.
    private static <T> CompletableFuture<T> unwrapped(CompletableFuture<T> dependent) {
        var future = new CompletableFuture<T>();
        var _ =
                dependent.whenComplete((value, failure) -> {
                    if (failure == null) {
                        future.complete(value);
                    } else {
                        future.completeExceptionally(
                                failure instanceof CompletionException wrapper
                                                && wrapper.getCause() != null
                                        ? wrapper.getCause()
                                        : failure);
                    }
                });
        var _ = future.whenComplete((_, _) -> dependent.cancel(false));
        return future;
    }

    @Override
    public Stream<Result<E>> asTheyComplete(Duration timeout) {
        var ended = new LinkedBlockingQueue<Result<E>>();
        var waits = futures();
        for (var index = 0; index < waits.size(); index++) {
            var member = members.get(index);
            var _ = waits.get(index).whenComplete((_, _) -> ended.add(member));
        }
        var stream =
                StreamSupport.stream(
                        Spliterators.spliterator(
                                new Arrivals(ended, timeout), members.size(), Spliterator.NONNULL),
                        false);
        return stream.onClose(() -> waits.forEach(wait -> wait.cancel(false)));
    }

    /// The members as they end.
    private final class Arrivals implements Iterator<Result<E>> {
        private final LinkedBlockingQueue<Result<E>> ended;
        private final Duration timeout;
        private int taken;

        private Arrivals(LinkedBlockingQueue<Result<E>> ended, Duration timeout) {
            this.ended = ended;
            this.timeout = timeout;
        }

        @Override
        public boolean hasNext() {
            return taken < members.size();
        }

        @Override
        public Result<E> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            try {
                var next = ended.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    throw new ResultTimeoutException(
                            id(), timeout, "%d of %d have ended".formatted(taken, members.size()));
                }
                taken++;
                return next;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("interrupted while waiting for group " + id());
            }
        }
    }

    @Override
    public Optional<String> traceback() {
        return members.stream().map(Result::traceback).flatMap(Optional::stream).findFirst();
    }

    @Override
    public Optional<Result<?>> parent() {
        return Optional.ofNullable(tree.parent()).map(results::of);
    }

    /// The members themselves, because a group is no task that could send anything.
    @Override
    public List<Result<?>> children() {
        return List.copyOf(members);
    }

    @Override
    public SequencedMap<String, @Nullable Object> collect(Duration timeout) {
        return Results.collect(this, timeout);
    }

    @Override
    public void save() {
        results.groups().save(id(), tree.toTuple());
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
    public void forget() {
        members.forEach(Result::forget);
        results.store().get().groups().ifPresent(groups -> groups.forget(id()));
    }

    /// The id, as for a single result.
    @Override
    public String toString() {
        return id();
    }
}
