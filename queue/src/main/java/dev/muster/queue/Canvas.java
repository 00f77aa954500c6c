package dev.muster.queue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes calls of tasks, and groups of them: `call(Currency::rate, "EURUSD")`. Meant for a static
/// import.
@SuppressWarnings(
        "overloads") // a method reference always fits one of them best; a lambda, which might not,
// is no task
public final class Canvas {
    private Canvas() {}

    /// Workflows side by side: `group(urls.map(url -> call(Shop::fetch, url)).toList())`. With
    /// [Workflow#then(Workflow)] it becomes a chord.
    ///
    /// A member that ends with a group itself contributes one value, the list of that group's; a
    /// task `celery.accumulate` makes it.
    public static <E extends @Nullable Object> Group<E> group(
            List<? extends Workflow<? extends E>> members) {
        return Group.of(members);
    }

    /// As [#group(List)].
    public static <E extends @Nullable Object> Group<E> group(
            Stream<? extends Workflow<? extends E>> members) {
        return Group.of(members.toList());
    }

    /// As [#group(List)].
    @SafeVarargs
    public static <E extends @Nullable Object> Group<E> group(Workflow<? extends E>... members) {
        var list = new ArrayList<Workflow<? extends E>>(members.length);
        for (var member : members) {
            list.add(member);
        }
        return Group.of(list);
    }

    /// One call that runs the task for each item, one after the other in one worker, and returns
    /// the list of values.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, R extends @Nullable Object> Signature<List<R>> map(
            TaskReference.Of1<A, R> task, List<? extends A> items) {
        return Signature.mapping(BuiltInTasks.MAP, Signature.open(task), items);
    }

    /// The calls that [#map(TaskReference.Of1, List)] would make, in parts of `size` items that run
    /// side by side: each member's value is the list of values of its part.
    ///
    /// @param size how many items a part has; the last may have fewer
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, R extends @Nullable Object> Group<List<R>> chunks(
            TaskReference.Of1<A, R> task, List<? extends A> items, int size) {
        return chunks(
                Signature.open(task),
                items.stream().map(item -> Collections.singletonList(item)).toList(),
                size);
    }

    /// One call that runs the task for each list of arguments, one after the other in one worker,
    /// and returns the list of values.
    ///
    /// @param task a call without arguments, such as `call("tasks.add")`
    /// @param items the positional arguments of each call
    public static <R extends @Nullable Object> Signature<List<R>> starmap(
            Signature<R> task, List<? extends List<? extends @Nullable Object>> items) {
        return Signature.mapping(BuiltInTasks.STARMAP, task, items);
    }

    /// The calls that [#starmap(Signature, List)] would make, in parts of `size` that run side by
    /// side.
    ///
    /// @param task a call without arguments, such as `call("tasks.add")`
    /// @param items the positional arguments of each call
    /// @param size how many items a part has; the last may have fewer
    public static <R extends @Nullable Object> Group<List<R>> chunks(
            Signature<R> task, List<? extends List<? extends @Nullable Object>> items, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("the size of chunks must be >= 1, was " + size);
        }
        var parts = new ArrayList<Signature<List<R>>>();
        for (var start = 0; start < items.size(); start += size) {
            parts.add(starmap(task, items.subList(start, Math.min(start + size, items.size()))));
        }
        return Group.of(parts);
    }

    /// A call of a task that is known here by its name only, for example because it lives in
    /// Python.
    ///
    /// @param task the name on the wire
    /// @param args the positional arguments; keyword arguments and the type of the result can be
    ///   added to the signature
    public static Signature<@Nullable Object> call(String task, @Nullable Object... args) {
        return Signature.of(task, args);
    }

    /// A call of the task with 0 arguments.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <R extends @Nullable Object> Signature<R> call(TaskReference.Of0<R> task) {
        return Signature.of(task);
    }

    /// A call of the task with 0 arguments and no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static Signature<@Nullable Void> call(TaskReference.VoidOf0 task) {
        return Signature.of(task);
    }

    /// A call of the task with 0 arguments. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <R extends @Nullable Object> Signature<R> call(TaskReference.ContextOf0<R> task) {
        return Signature.of(task);
    }

    /// A call of the task with 0 arguments and no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static Signature<@Nullable Void> call(TaskReference.VoidContextOf0 task) {
        return Signature.of(task);
    }

    /// A call of the task with 1 argument.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, R extends @Nullable Object> Signature<R> call(
            TaskReference.Of1<A, R> task, A a) {
        return Signature.of(task, a);
    }

    /// A call of the task with 1 argument and no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object> Signature<@Nullable Void> call(
            TaskReference.VoidOf1<A> task, A a) {
        return Signature.of(task, a);
    }

    /// A call of the task with 1 argument. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, R extends @Nullable Object> Signature<R> call(
            TaskReference.ContextOf1<A, R> task, A a) {
        return Signature.of(task, a);
    }

    /// A call of the task with 1 argument and no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object> Signature<@Nullable Void> call(
            TaskReference.VoidContextOf1<A> task, A a) {
        return Signature.of(task, a);
    }

    /// A call of the task with 2 arguments.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(TaskReference.Of2<A, B, R> task, A a, B b) {
        return Signature.of(task, a, b);
    }

    /// A call of the task with 2 arguments and no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, B extends @Nullable Object>
            Signature<@Nullable Void> call(TaskReference.VoidOf2<A, B> task, A a, B b) {
        return Signature.of(task, a, b);
    }

    /// A call of the task with 2 arguments. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(TaskReference.ContextOf2<A, B, R> task, A a, B b) {
        return Signature.of(task, a, b);
    }

    /// A call of the task with 2 arguments and no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, B extends @Nullable Object>
            Signature<@Nullable Void> call(TaskReference.VoidContextOf2<A, B> task, A a, B b) {
        return Signature.of(task, a, b);
    }

    /// A call of the task with 3 arguments.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(TaskReference.Of3<A, B, C, R> task, A a, B b, C c) {
        return Signature.of(task, a, b, c);
    }

    /// A call of the task with 3 arguments and no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            Signature<@Nullable Void> call(TaskReference.VoidOf3<A, B, C> task, A a, B b, C c) {
        return Signature.of(task, a, b, c);
    }

    /// A call of the task with 3 arguments. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(TaskReference.ContextOf3<A, B, C, R> task, A a, B b, C c) {
        return Signature.of(task, a, b, c);
    }

    /// A call of the task with 3 arguments and no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            Signature<@Nullable Void> call(
                    TaskReference.VoidContextOf3<A, B, C> task, A a, B b, C c) {
        return Signature.of(task, a, b, c);
    }

    /// A call of the task with 4 arguments.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(TaskReference.Of4<A, B, C, D, R> task, A a, B b, C c, D d) {
        return Signature.of(task, a, b, c, d);
    }

    /// A call of the task with 4 arguments and no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            Signature<@Nullable Void> call(
                    TaskReference.VoidOf4<A, B, C, D> task, A a, B b, C c, D d) {
        return Signature.of(task, a, b, c, d);
    }

    /// A call of the task with 4 arguments. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(TaskReference.ContextOf4<A, B, C, D, R> task, A a, B b, C c, D d) {
        return Signature.of(task, a, b, c, d);
    }

    /// A call of the task with 4 arguments and no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            Signature<@Nullable Void> call(
                    TaskReference.VoidContextOf4<A, B, C, D> task, A a, B b, C c, D d) {
        return Signature.of(task, a, b, c, d);
    }

    /// A call of the task with 5 arguments.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(TaskReference.Of5<A, B, C, D, E, R> task, A a, B b, C c, D d, E e) {
        return Signature.of(task, a, b, c, d, e);
    }

    /// A call of the task with 5 arguments and no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            Signature<@Nullable Void> call(
                    TaskReference.VoidOf5<A, B, C, D, E> task, A a, B b, C c, D d, E e) {
        return Signature.of(task, a, b, c, d, e);
    }

    /// A call of the task with 5 arguments. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            Signature<R> call(
                    TaskReference.ContextOf5<A, B, C, D, E, R> task, A a, B b, C c, D d, E e) {
        return Signature.of(task, a, b, c, d, e);
    }

    /// A call of the task with 5 arguments and no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            Signature<@Nullable Void> call(
                    TaskReference.VoidContextOf5<A, B, C, D, E> task, A a, B b, C c, D d, E e) {
        return Signature.of(task, a, b, c, d, e);
    }
}
