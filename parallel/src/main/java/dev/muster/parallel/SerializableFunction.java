package dev.muster.parallel;

import dev.muster.parallel.wire.RemoteFunction;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// Functions that can run elsewhere: method references and lambdas that may throw, and that are
/// serializable, as the compiler makes them when one of these types is asked for. What a lambda
/// uses of its surroundings travels with it, and must be serializable, too.
// Arguments come back as what the types of the caller have made of them.
@SuppressWarnings({"unchecked", "NullAway"})
public final class SerializableFunction {
    private SerializableFunction() {}

    /// A function of no argument.
    @FunctionalInterface
    public interface Of0<R extends @Nullable Object> extends Callable<R>, RemoteFunction {
        /// Calls it.
        @Override
        R call() throws Exception;

        @Override
        default R apply(@Nullable Object[] arguments) throws Exception {
            return call();
        }
    }

    /// A function of 1 argument.
    @FunctionalInterface
    public interface Of1<A extends @Nullable Object, R extends @Nullable Object>
            extends RemoteFunction {
        /// Calls it.

        R call(A a) throws Exception;

        @Override
        default R apply(@Nullable Object[] arguments) throws Exception {
            return call((A) arguments[0]);
        }
    }

    /// A function of 2 arguments.
    @FunctionalInterface
    public interface Of2<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    R extends @Nullable Object>
            extends RemoteFunction {
        /// Calls it.

        R call(A a, B b) throws Exception;

        @Override
        default R apply(@Nullable Object[] arguments) throws Exception {
            return call((A) arguments[0], (B) arguments[1]);
        }
    }

    /// A function of 3 arguments.
    @FunctionalInterface
    public interface Of3<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            extends RemoteFunction {
        /// Calls it.

        R call(A a, B b, C c) throws Exception;

        @Override
        default R apply(@Nullable Object[] arguments) throws Exception {
            return call((A) arguments[0], (B) arguments[1], (C) arguments[2]);
        }
    }

    /// A function of 4 arguments.
    @FunctionalInterface
    public interface Of4<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            extends RemoteFunction {
        /// Calls it.

        R call(A a, B b, C c, D d) throws Exception;

        @Override
        default R apply(@Nullable Object[] arguments) throws Exception {
            return call((A) arguments[0], (B) arguments[1], (C) arguments[2], (D) arguments[3]);
        }
    }

    /// A procedure of no argument.
    @FunctionalInterface
    public interface VoidOf0 extends RemoteFunction {
        /// Runs it.
        void run() throws Exception;

        @Override
        default @Nullable Object apply(@Nullable Object[] arguments) throws Exception {
            run();
            return null;
        }
    }

    /// A procedure of 1 argument.
    @FunctionalInterface
    public interface VoidOf1<A extends @Nullable Object> extends RemoteFunction {
        /// Runs it.
        void run(A a) throws Exception;

        @Override
        default @Nullable Object apply(@Nullable Object[] arguments) throws Exception {
            run((A) arguments[0]);
            return null;
        }
    }

    /// A procedure of 2 arguments.
    @FunctionalInterface
    public interface VoidOf2<A extends @Nullable Object, B extends @Nullable Object>
            extends RemoteFunction {
        /// Runs it.
        void run(A a, B b) throws Exception;

        @Override
        default @Nullable Object apply(@Nullable Object[] arguments) throws Exception {
            run((A) arguments[0], (B) arguments[1]);
            return null;
        }
    }

    /// A procedure of 3 arguments.
    @FunctionalInterface
    public interface VoidOf3<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            extends RemoteFunction {
        /// Runs it.
        void run(A a, B b, C c) throws Exception;

        @Override
        default @Nullable Object apply(@Nullable Object[] arguments) throws Exception {
            run((A) arguments[0], (B) arguments[1], (C) arguments[2]);
            return null;
        }
    }

    /// A procedure of 4 arguments.
    @FunctionalInterface
    public interface VoidOf4<
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            extends RemoteFunction {
        /// Runs it.
        void run(A a, B b, C c, D d) throws Exception;

        @Override
        default @Nullable Object apply(@Nullable Object[] arguments) throws Exception {
            run((A) arguments[0], (B) arguments[1], (C) arguments[2], (D) arguments[3]);
            return null;
        }
    }
}
