package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Workflows one after the other, each with the value of the one before. Immutable. Made by
/// [Workflow#then(Workflow)].
///
/// @param <R> the value of the last
public final class Chain<R extends @Nullable Object> extends Workflow<R> {
    private final List<Workflow<?>> steps;
    private final Type resultType;
    private final Map<Option<?>, Object> options;

    Chain(List<Workflow<?>> steps, Map<Option<?>, Object> options) {
        this.steps = List.copyOf(steps);
        this.resultType = steps.isEmpty() ? Object.class : steps.getLast().resultType();
        this.options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /// Puts one after the other by Celery's rules: a group and what follows become a chord, and
    /// what follows a chord is appended to its body.
    static <S extends @Nullable Object> Workflow<S> join(Workflow<?> first, Workflow<S> next) {
        return switch (first) {
            case Group<?> group -> new Chord<>(group, next, Map.of());
            case Chord<?> chord ->
                    new Chord<>(chord.header(), join(chord.body(), next), chord.options());
            case Signature<?> call -> chain(List.of(call), next);
            case Chain<?> chain -> {
                var steps = chain.steps;
                if (steps.isEmpty()) {
                    yield next;
                }
                var last = steps.getLast();
                yield last instanceof Group || last instanceof Chord
                        ? chain(steps.subList(0, steps.size() - 1), join(last, next))
                        : chain(steps, next);
            }
        };
    }

    private static <S extends @Nullable Object> Workflow<S> chain(
            List<Workflow<?>> first, Workflow<S> next) {
        var steps = new ArrayList<>(first);
        if (next instanceof Chain<?> chain && chain.options.isEmpty()) {
            steps.addAll(chain.steps);
        } else {
            steps.add(next);
        }
        return steps.size() == 1 ? next : new Chain<>(steps, Map.of());
    }

    /// What is done, in this order.
    public List<Workflow<?>> steps() {
        return steps;
    }

    @Override
    Type resultType() {
        return resultType;
    }

    @Override
    Map<Option<?>, Object> options() {
        return options;
    }

    @Override
    Chain<R> withOptions(Map<Option<?>, Object> changed) {
        return new Chain<>(steps, changed);
    }

    @Override
    Chain<R> withEach(UnaryOperator<Signature<?>> change) {
        return new Chain<>(
                steps.stream().<Workflow<?>>map(step -> step.withEach(change)).toList(), options);
    }

    @Override
    Chain<R> withFirst(UnaryOperator<Signature<?>> change) {
        return withStep(0, steps.getFirst().withFirst(change));
    }

    @Override
    Chain<R> withLast(UnaryOperator<Signature<?>> change) {
        return withStep(steps.size() - 1, steps.getLast().withLast(change));
    }

    private Chain<R> withStep(int index, Workflow<?> step) {
        var changed = new ArrayList<>(steps);
        changed.set(index, step);
        return new Chain<>(changed, options);
    }

    @Override
    public Workflow<R> onError(Workflow<?> callback) {
        return new Chain<>(
                steps.stream().<Workflow<?>>map(step -> step.onError(callback)).toList(), options);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Chain<?> that
                && steps.equals(that.steps)
                && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(steps, options);
    }

    @Override
    public String toString() {
        return String.join(" | ", steps.stream().map(Workflow::toString).toList());
    }
}
