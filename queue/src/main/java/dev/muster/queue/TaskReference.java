package dev.muster.queue;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A reference to a task's method, such as `Currency::rate`. It is never run: it only says which
/// method is meant, and carries the types, so that a wrong argument does not compile.
///
/// Its nested types are the shapes that [Canvas] accepts: up to five arguments, with or without a
/// value, and with or without a leading [TaskContext], which the worker supplies. They need not be
/// named in programs.
///
/// @param <R> what the task returns
public sealed interface TaskReference<R extends @Nullable Object> extends Serializable {

    /// A task of 0 arguments.
    @FunctionalInterface
    non-sealed interface Of0<R extends @Nullable Object> extends TaskReference<R> {
        R run() throws Exception;
    }

    /// A task of 0 arguments without a value.
    @FunctionalInterface
    non-sealed interface VoidOf0 extends TaskReference<@Nullable Void> {
        void run() throws Exception;
    }

    /// A task of 0 arguments that sees its context.
    @FunctionalInterface
    non-sealed interface ContextOf0<R extends @Nullable Object> extends TaskReference<R> {
        R run(TaskContext context) throws Exception;
    }

    /// A task of 0 arguments that sees its context and has no value.
    @FunctionalInterface
    non-sealed interface VoidContextOf0 extends TaskReference<@Nullable Void> {
        void run(TaskContext context) throws Exception;
    }

    /// A task of 1 argument.
    @FunctionalInterface
    non-sealed interface Of1<A extends @Nullable Object, R extends @Nullable Object>
            extends TaskReference<R> {
        R run(A a) throws Exception;
    }

    /// A task of 1 argument without a value.
    @FunctionalInterface
    non-sealed interface VoidOf1<A extends @Nullable Object> extends TaskReference<@Nullable Void> {
        void run(A a) throws Exception;
    }

    /// A task of 1 argument that sees its context.
    @FunctionalInterface
    non-sealed interface ContextOf1<A extends @Nullable Object, R extends @Nullable Object>
            extends TaskReference<R> {
        R run(TaskContext context, A a) throws Exception;
    }

    /// A task of 1 argument that sees its context and has no value.
    @FunctionalInterface
    non-sealed interface VoidContextOf1<A extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(TaskContext context, A a) throws Exception;
    }

    /// A task of 2 arguments.
    @FunctionalInterface
    non-sealed interface Of2<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(A a, B b) throws Exception;
    }

    /// A task of 2 arguments without a value.
    @FunctionalInterface
    non-sealed interface VoidOf2<A extends @Nullable Object, B extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(A a, B b) throws Exception;
    }

    /// A task of 2 arguments that sees its context.
    @FunctionalInterface
    non-sealed interface ContextOf2<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(TaskContext context, A a, B b) throws Exception;
    }

    /// A task of 2 arguments that sees its context and has no value.
    @FunctionalInterface
    non-sealed interface VoidContextOf2<A extends @Nullable Object, B extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(TaskContext context, A a, B b) throws Exception;
    }

    /// A task of 3 arguments.
    @FunctionalInterface
    non-sealed interface Of3<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(A a, B b, C c) throws Exception;
    }

    /// A task of 3 arguments without a value.
    @FunctionalInterface
    non-sealed interface VoidOf3<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(A a, B b, C c) throws Exception;
    }

    /// A task of 3 arguments that sees its context.
    @FunctionalInterface
    non-sealed interface ContextOf3<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(TaskContext context, A a, B b, C c) throws Exception;
    }

    /// A task of 3 arguments that sees its context and has no value.
    @FunctionalInterface
    non-sealed interface VoidContextOf3<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(TaskContext context, A a, B b, C c) throws Exception;
    }

    /// A task of 4 arguments.
    @FunctionalInterface
    non-sealed interface Of4<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(A a, B b, C c, D d) throws Exception;
    }

    /// A task of 4 arguments without a value.
    @FunctionalInterface
    non-sealed interface VoidOf4<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(A a, B b, C c, D d) throws Exception;
    }

    /// A task of 4 arguments that sees its context.
    @FunctionalInterface
    non-sealed interface ContextOf4<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(TaskContext context, A a, B b, C c, D d) throws Exception;
    }

    /// A task of 4 arguments that sees its context and has no value.
    @FunctionalInterface
    non-sealed interface VoidContextOf4<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(TaskContext context, A a, B b, C c, D d) throws Exception;
    }

    /// A task of 5 arguments.
    @FunctionalInterface
    non-sealed interface Of5<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(A a, B b, C c, D d, E e) throws Exception;
    }

    /// A task of 5 arguments without a value.
    @FunctionalInterface
    non-sealed interface VoidOf5<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(A a, B b, C c, D d, E e) throws Exception;
    }

    /// A task of 5 arguments that sees its context.
    @FunctionalInterface
    non-sealed interface ContextOf5<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            extends TaskReference<R> {
        R run(TaskContext context, A a, B b, C c, D d, E e) throws Exception;
    }

    /// A task of 5 arguments that sees its context and has no value.
    @FunctionalInterface
    non-sealed interface VoidContextOf5<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            extends TaskReference<@Nullable Void> {
        void run(TaskContext context, A a, B b, C c, D d, E e) throws Exception;
    }
}
