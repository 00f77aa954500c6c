package dev.muster.queue;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes handles of results, and does what they have in common. Thread-safe.
///
/// @param store opened when the first handle is made whose result is stored
/// @param ignored in place of the store for results that are not
/// @param revoking tells all workers
record Results(
        Supplier<ResultStore> store,
        ResultStore ignored,
        Json json,
        Failures failures,
        Consumer<Revocation> revoking) {
    void revoke(ResultTree tree, @Nullable Signal terminate) {
        var ids = tree.leaves().map(ResultTree.One::id).toList();
        if (!ids.isEmpty()) {
            revoking.accept(Revocation.ofIds(ids, terminate));
        }
    }

    Result<?> of(ResultTree tree) {
        return switch (tree) {
            case ResultTree.One one when one.unique() == Task.Unique.DROP ->
                    new DroppedResult<>(one.id());
            case ResultTree.One one -> new StoredResult<>(one, storeOf(one), this);
            case ResultTree.Many many -> new StoredGroupResult<>(many, this);
        };
    }

    ResultStore storeOf(ResultTree.One tree) {
        return tree.isIgnored() ? ignored : store.get();
    }

    GroupStore groups() {
        return store.get()
                .groups()
                .orElseThrow(() ->
                        new ResultStoreException(
                                "%s keeps no groups; set result_backend, for example to redis://localhost:6379/1"
                                        .formatted(store.get().description()),
                                null));
    }

    Optional<GroupResult<?>> restore(String groupId, Type type) {
        return groups().fetch(groupId)
                .map(ResultTree::ofTuple)
                .map(tree -> typed(tree, type))
                .filter(ResultTree.Many.class::isInstance)
                .map(tree -> new StoredGroupResult<>((ResultTree.Many) tree, this));
    }

    private static ResultTree typed(ResultTree tree, Type type) {
        return switch (tree) {
            case ResultTree.One one ->
                    new ResultTree.One(one.id(), type, one.isIgnored(), one.parent());
            case ResultTree.Many many ->
                    new ResultTree.Many(
                            many.id(),
                            many.members().stream().map(member -> typed(member, type)).toList(),
                            many.parent());
        };
    }

    /// A future of the first failure among the tasks that come before: then what comes after will
    /// never run, and not every worker records that. Groups among them are not watched, because a
    /// chord's body is recorded as failed.
    CompletableFuture<ResultRecord> failureBefore(ResultTree tree) {
        var failure = new CompletableFuture<ResultRecord>();
        var parent = tree.parent();
        if (parent == null) {
            return failure;
        }
        for (var before : parent.andParents().toList()) {
            if (before instanceof ResultTree.One one && !one.isIgnored()) {
                var arrival = store.get().await(one.id());
                var _ =
                        arrival.whenComplete((record, _) -> {
                            if (record != null && !record.state().equals(State.SUCCESS)) {
                                failure.complete(record);
                            }
                        });
                var _ = failure.whenComplete((_, _) -> arrival.cancel(false));
            }
        }
        return failure;
    }

    /// Completes with the first of the two, and ends both waits then.
    static <T> CompletableFuture<T> first(CompletableFuture<T> one, CompletableFuture<T> other) {
        var first = new CompletableFuture<T>();
        for (var each : List.of(one, other)) {
            var _ =
                    each.whenComplete((value, failure) -> {
                        if (failure == null) {
                            first.complete(value);
                        } else {
                            first.completeExceptionally(failure);
                        }
                    });
        }
        var _ =
                first.whenComplete((_, _) -> {
                    one.cancel(false);
                    other.cancel(false);
                });
        return first;
    }

    /// Waits for a future of a result.
    static <T> T await(
            CompletableFuture<T> arrival, String id, Duration timeout, Supplier<String> state) {
        try {
            return arrival.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new ResultTimeoutException(id, timeout, state.get());
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

    /// The failure that a record tells of. A chord's body tells that a member has failed: then it
    /// is the member's own.
    RuntimeException rebuild(ResultRecord record, ResultTree tree) {
        var parent = tree.parent();
        if (parent instanceof ResultTree.Many header && Failures.isChordError(record)) {
            var culprit =
                    header.leaves()
                            .map(leaf -> store.get().fetch(leaf.id()))
                            .flatMap(Optional::stream)
                            .filter(member ->
                                    member.state().isReady()
                                            && !member.state().equals(State.SUCCESS))
                            .findFirst();
            if (culprit.isPresent()) {
                return failures.rebuild(culprit.get());
            }
        }
        return failures.rebuild(record);
    }

    @Nullable Object value(ResultRecord record, ResultTree.One tree) {
        if (!record.state().equals(State.SUCCESS)) {
            throw rebuild(record, tree);
        }
        return json.convert(record.result(), tree.type());
    }

    List<Result<?>> children(Optional<ResultRecord> record) {
        var children = new ArrayList<Result<?>>();
        if (record.isPresent() && record.get().others().get("children") instanceof List<?> tuples) {
            for (var tuple : tuples) {
                children.add(of(ResultTree.ofTuple(tuple)));
            }
        }
        return List.copyOf(children);
    }

    /// The values of a result and of all that it has brought about, by id.
    static SequencedMap<String, @Nullable Object> collect(Result<?> result, Duration timeout) {
        var start = System.nanoTime();
        var values = new LinkedHashMap<String, @Nullable Object>();
        collect(result, () -> timeout.minusNanos(System.nanoTime() - start), values);
        return values;
    }

    /// @param left negative when the time is over
    private static void collect(
            Result<?> result,
            Supplier<Duration> left,
            SequencedMap<String, @Nullable Object> values) {
        if (values.containsKey(result.id())) {
            return; // what a peer has written may go in circles
        }
        var remaining = left.get();
        values.put(result.id(), result.get(remaining.isNegative() ? Duration.ZERO : remaining));
        result.children().forEach(child -> collect(child, left, values));
    }
}
