package dev.muster.queue;

import org.jspecify.annotations.Nullable;

/// Makes signatures: `call(Currency::rate, "EURUSD")`. Meant for a static import.
@SuppressWarnings(
        "overloads") // a method reference always fits one of them best; a lambda, which might not,
// is no task
public final class Canvas {
    private Canvas() {}

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
