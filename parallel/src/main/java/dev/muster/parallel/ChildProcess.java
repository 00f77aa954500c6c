package dev.muster.parallel;

import dev.muster.parallel.SerializableFunction.VoidOf0;
import dev.muster.parallel.SerializableFunction.VoidOf1;
import dev.muster.parallel.SerializableFunction.VoidOf2;
import dev.muster.parallel.SerializableFunction.VoidOf3;
import dev.muster.parallel.SerializableFunction.VoidOf4;
import dev.muster.parallel.child.Children;
import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.RemoteFunction;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A child process that runs one procedure, and ends with it.
///
/// ```java
/// ProcessQueue<String> pages = ProcessQueue.bounded(100);
/// try (var child = ChildProcess.start(Crawler::fetchAll, pages)) {
///     pages.put("https://example.org");
///     pages.close();
///     child.join();
/// }
/// ```
///
/// It is a JVM with the class path of this one, ends when this one does, and what it prints is
/// printed here behind its name. What its procedure throws is printed, too. Thread-safe.
public final class ChildProcess implements AutoCloseable {
    private final Children children;
    private final Main main;
    private final CompletableFuture<Process> process;

    private ChildProcess(
            ProcessOptions options, RemoteFunction procedure, @Nullable Object[] arguments) {
        children = options.children(1);
        var values = options.values(children.folder());
        try {
            main =
                    new Main(
                            Code.of(new Reported(procedure), values),
                            values.packAll(arguments),
                            values);
        } catch (IOException e) {
            children.shutdown();
            throw new IllegalArgumentException(
                    "it cannot be sent to a process: " + e.getMessage(), e);
        }
        children.submit(main);
        process = children.processes().getFirst();
        children.shutdown();
    }

    /// Starts a process that runs a procedure of no argument.
    ///
    /// @throws IllegalArgumentException when the procedure is not serializable
    public static ChildProcess start(VoidOf0 procedure) {
        return start(ProcessOptions.DEFAULT, procedure);
    }

    /// The same with other options.
    public static ChildProcess start(ProcessOptions options, VoidOf0 procedure) {
        return new ChildProcess(options, procedure, new @Nullable Object[] {});
    }

    /// Starts a process that runs a procedure of 1 argument.
    ///
    /// @throws IllegalArgumentException when the procedure or an argument is not serializable
    public static <A extends @Nullable Object> ChildProcess start(VoidOf1<A> procedure, A a) {
        return start(ProcessOptions.DEFAULT, procedure, a);
    }

    /// The same with other options.
    public static <A extends @Nullable Object> ChildProcess start(
            ProcessOptions options, VoidOf1<A> procedure, A a) {
        return new ChildProcess(options, procedure, new @Nullable Object[] {a});
    }

    /// Starts a process that runs a procedure of 2 arguments.
    ///
    /// @throws IllegalArgumentException when the procedure or an argument is not serializable
    public static <A extends @Nullable Object, B extends @Nullable Object> ChildProcess start(
            VoidOf2<A, B> procedure, A a, B b) {
        return start(ProcessOptions.DEFAULT, procedure, a, b);
    }

    /// The same with other options.
    public static <A extends @Nullable Object, B extends @Nullable Object> ChildProcess start(
            ProcessOptions options, VoidOf2<A, B> procedure, A a, B b) {
        return new ChildProcess(options, procedure, new @Nullable Object[] {a, b});
    }

    /// Starts a process that runs a procedure of 3 arguments.
    ///
    /// @throws IllegalArgumentException when the procedure or an argument is not serializable
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            ChildProcess start(VoidOf3<A, B, C> procedure, A a, B b, C c) {
        return start(ProcessOptions.DEFAULT, procedure, a, b, c);
    }

    /// The same with other options.
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object>
            ChildProcess start(ProcessOptions options, VoidOf3<A, B, C> procedure, A a, B b, C c) {
        return new ChildProcess(options, procedure, new @Nullable Object[] {a, b, c});
    }

    /// Starts a process that runs a procedure of 4 arguments.
    ///
    /// @throws IllegalArgumentException when the procedure or an argument is not serializable
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            ChildProcess start(VoidOf4<A, B, C, D> procedure, A a, B b, C c, D d) {
        return start(ProcessOptions.DEFAULT, procedure, a, b, c, d);
    }

    /// The same with other options.
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object>
            ChildProcess start(
                    ProcessOptions options, VoidOf4<A, B, C, D> procedure, A a, B b, C c, D d) {
        return new ChildProcess(options, procedure, new @Nullable Object[] {a, b, c, d});
    }

    /// Prints what it throws, as nobody may ever ask for it.
    private record Reported(RemoteFunction procedure) implements RemoteFunction {
        @Override
        public @Nullable Object apply(@Nullable Object[] arguments) throws Exception {
            try {
                return procedure.apply(arguments);
            } catch (Exception | Error e) {
                e.printStackTrace();
                throw e;
            }
        }
    }

    private static final class Main extends Job {
        private final Values values;
        private final CompletableFuture<Optional<Throwable>> failure = new CompletableFuture<>();

        Main(Code code, Packed arguments, Values values) {
            super(code, arguments, null);
            this.values = values;
        }

        @Override
        protected void ended(Ending ending) {
            failure.complete(
                    switch (ending) {
                        case Ending.Returned _ -> Optional.empty();
                        default -> Optional.of(Endings.failure(ending, values));
                    });
        }
    }

    /// The process's number in the system. Waits until it is started.
    ///
    /// @throws PoolBrokenException when it could not be started
    public long pid() {
        return process().pid();
    }

    private Process process() {
        try {
            return process.join();
        } catch (RuntimeException e) {
            throw new PoolBrokenException("the process could not be started", e);
        }
    }

    /// Whether it has not ended.
    public boolean isAlive() {
        return !children.isTerminated();
    }

    /// Waits for its end.
    ///
    /// @return its exit status; see [#exitStatus()]
    public int join() throws InterruptedException {
        while (!join(Duration.ofDays(1))) {
            // It still runs.
        }
        return exitStatus().orElseThrow();
    }

    /// Waits for its end, but no longer than `limit`.
    ///
    /// @return whether it has ended
    public boolean join(Duration limit) throws InterruptedException {
        return children.awaitTermination(limit);
    }

    /// How it has ended: 0 when the procedure has returned, 1 when it has thrown an exception, 128
    /// and the number of the signal that has killed it, or what it gave to `System.exit`.
    ///
    /// @return empty while it runs
    public OptionalInt exitStatus() {
        if (isAlive()) {
            return OptionalInt.empty();
        }
        var failed = failure().filter(thrown -> !(thrown instanceof WorkerProcessDiedException));
        return OptionalInt.of(failed.isPresent() ? 1 : process().exitValue());
    }

    /// What the procedure has thrown, or what else has ended the process early.
    ///
    /// @return empty while it runs, and when the procedure has returned
    public Optional<Throwable> failure() {
        return main.failure.getNow(Optional.empty());
    }

    /// Asks it to end, as the signal SIGTERM does: its shutdown hooks run.
    public void terminate() {
        process().destroy();
    }

    /// Ends it at once, as the signal SIGKILL does.
    public void kill() {
        children.abandon(true);
        process().destroyForcibly();
    }

    /// Ends it at once, if it still runs.
    @Override
    public void close() {
        if (isAlive()) {
            kill();
        }
    }
}
