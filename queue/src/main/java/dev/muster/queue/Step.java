package dev.muster.queue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A call that lacks its first argument, which what comes before it in a workflow supplies: `a step
/// of "render as PDF"`. Immutable.
///
/// ```java
/// call(Shop::fetch, id).then(Step.of(Shop::render, "pdf"))
/// call(Shop::fetch, id).then(Step.each(List.of(Step.of(Shop::weigh), Step.of(Shop::price))))
/// ```
///
/// @param <A> the type of the argument that it lacks
/// @param <R> what the task returns
@SuppressWarnings(
        "overloads") // a method reference always fits one of them best; a lambda, which might not,
// is no task
public final class Step<A extends @Nullable Object, R extends @Nullable Object> {
    private final Workflow<R> call;

    Step(Workflow<R> call) {
        this.call = call;
    }

    Workflow<R> call() {
        return call;
    }

    /// All of these at once, each with the same argument: the values become a list.
    public static <A extends @Nullable Object, R extends @Nullable Object> Step<A, List<R>> each(
            List<? extends Step<? super A, ? extends R>> steps) {
        return new Step<>(Group.of(steps.stream().map(Step::call).toList()));
    }

    /// Then another step, with the value of this one.
    public <S extends @Nullable Object> Step<A, S> then(Step<? super R, S> next) {
        return new Step<>(call.then(next.call));
    }

    /// Changes how it is sent: `step.with(call -> call.queue("printers"))`.
    public Step<A, R> with(UnaryOperator<Workflow<R>> change) {
        return new Step<>(change.apply(call));
    }

    /// A call of the task that lacks its first argument.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, R extends @Nullable Object> Step<A, R> of(
            TaskReference.Of1<A, R> task) {
        return new Step<>(Signature.open(task));
    }

    /// A call of the task that lacks its first argument, and has the other.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.Of2<A, B, R> task, B b) {
        return new Step<>(Signature.open(task, b));
    }

    /// A call of the task that lacks its first argument, and has the others.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.Of3<A, B, C, R> task, B b, C c) {
        return new Step<>(Signature.open(task, b, c));
    }

    /// A call of the task that lacks its first argument, and has the others.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.Of4<A, B, C, D, R> task, B b, C c, D d) {
        return new Step<>(Signature.open(task, b, c, d));
    }

    /// A call of the task that lacks its first argument, and has the others.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.Of5<A, B, C, D, E, R> task, B b, C c, D d, E e) {
        return new Step<>(Signature.open(task, b, c, d, e));
    }

    /// A call of the task that lacks its first argument. It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object> Step<A, @Nullable Void> of(
            TaskReference.VoidOf1<A> task) {
        return new Step<>(Signature.open(task));
    }

    /// A call of the task that lacks its first argument, and has the other. It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, B extends @Nullable Object>
            Step<A, @Nullable Void> of(TaskReference.VoidOf2<A, B> task, B b) {
        return new Step<>(Signature.open(task, b));
    }

    /// A call of the task that lacks its first argument, and has the others. It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            Step<A, @Nullable Void> of(TaskReference.VoidOf3<A, B, C> task, B b, C c) {
        return new Step<>(Signature.open(task, b, c));
    }

    /// A call of the task that lacks its first argument, and has the others. It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            Step<A, @Nullable Void> of(TaskReference.VoidOf4<A, B, C, D> task, B b, C c, D d) {
        return new Step<>(Signature.open(task, b, c, d));
    }

    /// A call of the task that lacks its first argument, and has the others. It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            Step<A, @Nullable Void> of(
                    TaskReference.VoidOf5<A, B, C, D, E> task, B b, C c, D d, E e) {
        return new Step<>(Signature.open(task, b, c, d, e));
    }

    /// A call of the task that lacks its first argument. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, R extends @Nullable Object> Step<A, R> of(
            TaskReference.ContextOf1<A, R> task) {
        return new Step<>(Signature.open(task));
    }

    /// A call of the task that lacks its first argument, and has the other. The worker supplies the
    /// context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.ContextOf2<A, B, R> task, B b) {
        return new Step<>(Signature.open(task, b));
    }

    /// A call of the task that lacks its first argument, and has the others. The worker supplies
    /// the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.ContextOf3<A, B, C, R> task, B b, C c) {
        return new Step<>(Signature.open(task, b, c));
    }

    /// A call of the task that lacks its first argument, and has the others. The worker supplies
    /// the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.ContextOf4<A, B, C, D, R> task, B b, C c, D d) {
        return new Step<>(Signature.open(task, b, c, d));
    }

    /// A call of the task that lacks its first argument, and has the others. The worker supplies
    /// the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            Step<A, R> of(TaskReference.ContextOf5<A, B, C, D, E, R> task, B b, C c, D d, E e) {
        return new Step<>(Signature.open(task, b, c, d, e));
    }

    /// A call of the task that lacks its first argument. It has no value. The worker supplies the
    /// context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object> Step<A, @Nullable Void> of(
            TaskReference.VoidContextOf1<A> task) {
        return new Step<>(Signature.open(task));
    }

    /// A call of the task that lacks its first argument, and has the other. It has no value. The
    /// worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <A extends @Nullable Object, B extends @Nullable Object>
            Step<A, @Nullable Void> of(TaskReference.VoidContextOf2<A, B> task, B b) {
        return new Step<>(Signature.open(task, b));
    }

    /// A call of the task that lacks its first argument, and has the others. It has no value. The
    /// worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            Step<A, @Nullable Void> of(TaskReference.VoidContextOf3<A, B, C> task, B b, C c) {
        return new Step<>(Signature.open(task, b, c));
    }

    /// A call of the task that lacks its first argument, and has the others. It has no value. The
    /// worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            Step<A, @Nullable Void> of(
                    TaskReference.VoidContextOf4<A, B, C, D> task, B b, C c, D d) {
        return new Step<>(Signature.open(task, b, c, d));
    }

    /// A call of the task that lacks its first argument, and has the others. It has no value. The
    /// worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            Step<A, @Nullable Void> of(
                    TaskReference.VoidContextOf5<A, B, C, D, E> task, B b, C c, D d, E e) {
        return new Step<>(Signature.open(task, b, c, d, e));
    }
}
