package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Workflows side by side. Immutable. Made by [Canvas#group(List)].
///
/// @param <E> what each of them returns
public final class Group<E extends @Nullable Object> extends Workflow<List<E>> {
    private final List<Workflow<?>> members;
    private final Map<Option<?>, Object> options;

    Group(List<? extends Workflow<?>> members, Map<Option<?>, Object> options) {
        this.members = List.copyOf(members);
        this.options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /// A member that would end with a group of its own gets a last task that makes one value of it:
    /// otherwise Celery would mix the values of both groups, and the types would lie.
    static <E extends @Nullable Object> Group<E> of(List<? extends Workflow<? extends E>> members) {
        return new Group<>(
                members.stream().<Workflow<?>>map(Group::withSingleEnd).toList(), Map.of());
    }

    private static boolean endsWithGroup(Workflow<?> workflow) {
        return switch (workflow) {
            case Signature<?> _ -> false;
            case Group<?> _ -> true;
            case Chain<?> chain ->
                    !chain.steps().isEmpty() && endsWithGroup(chain.steps().getLast());
            case Chord<?> chord -> endsWithGroup(chord.body());
        };
    }

    /// The same, ending with one task: if it is a group that it ends with, then one more whose
    /// value is the list of the group's.
    static Workflow<?> withSingleEnd(Workflow<?> workflow) {
        if (!endsWithGroup(workflow)) {
            return workflow;
        }
        return workflow.<@Nullable Object>then(
                Signature.gathering(BuiltInTasks.ACCUMULATE, workflow.resultType()));
    }

    /// What is done at once.
    public List<Workflow<?>> members() {
        return members;
    }

    @Override
    Type resultType() {
        var types = members.stream().map(Workflow::resultType).distinct().toList();
        return listOf(types.size() == 1 ? types.getFirst() : Object.class);
    }

    static Type listOf(Type element) {
        return new ListType(element);
    }

    private record ListType(Type element) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return new Type[] {element};
        }

        @Override
        public Type getRawType() {
            return List.class;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return null;
        }
    }

    @Override
    Map<Option<?>, Object> options() {
        return options;
    }

    @Override
    Group<E> withOptions(Map<Option<?>, Object> changed) {
        return new Group<>(members, changed);
    }

    @Override
    Group<E> withEach(UnaryOperator<Signature<?>> change) {
        return withMembers(member -> member.withEach(change));
    }

    @Override
    Group<E> withFirst(UnaryOperator<Signature<?>> change) {
        return withMembers(member -> member.withFirst(change));
    }

    private Group<E> withMembers(UnaryOperator<Workflow<?>> change) {
        return new Group<>(members.stream().<Workflow<?>>map(change).toList(), options);
    }

    @Override
    Group<E> withLast(UnaryOperator<Signature<?>> change) {
        throw new IllegalStateException(
                "a group ends with no single task; put one behind it with then(…), which gets the values of all");
    }

    @Override
    public Group<E> onError(Workflow<?> callback) {
        return withMembers(member -> member.onError(callback));
    }

    @Override
    public Group<E> id(String id) {
        var changed = new LinkedHashMap<>(options);
        changed.put(Option.TASK_ID, id);
        return withOptions(changed);
    }

    @Override
    public Group<E> queue(String name) {
        return withEach(call -> call.queue(name));
    }

    @Override
    public Group<E> priority(int priority) {
        return withEach(call -> call.priority(priority));
    }

    @Override
    public Group<E> expires(Duration delay) {
        return withEach(call -> call.expires(delay));
    }

    @Override
    public Group<E> expires(Instant instant) {
        return withEach(call -> call.expires(instant));
    }

    @Override
    public Group<E> countdown(Duration delay) {
        return withFirst(call -> call.countdown(delay));
    }

    @Override
    public Group<E> eta(Instant instant) {
        return withFirst(call -> call.eta(instant));
    }

    /// Starts the members one after the other, that far apart; the first at once.
    public Group<E> skew(Duration step) {
        var skewed = new ArrayList<Workflow<?>>(members.size());
        for (var index = 0; index < members.size(); index++) {
            var delay = step.multipliedBy(index);
            skewed.add(members.get(index).withFirst(call -> call.countdown(delay)));
        }
        return new Group<>(skewed, options);
    }

    @Override
    public Group<E> header(String name, @Nullable Object value) {
        return withEach(call -> call.header(name, value));
    }

    @Override
    public Group<E> stamp(String name, @Nullable Object value) {
        return withEach(call -> call.stamp(name, value));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Group<?> that
                && members.equals(that.members)
                && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(members, options);
    }

    @Override
    public String toString() {
        return "group(%s)"
                .formatted(String.join(", ", members.stream().map(Workflow::toString).toList()));
    }
}
