package dev.muster.queue;

import dev.muster.parallel.ProcessOptions;
import dev.muster.parallel.child.Children;
import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.RemoteFunction;
import dev.muster.parallel.wire.Values;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs the methods of tasks in child processes, one for each slot. A message travels to the child,
/// where [TaskChild] reads it once more; the outcome travels back, and all else is done here.
///
/// A child that dies takes the call that it ran with it, as [Outcome.Lost], and is replaced.
final class TaskProcesses implements TaskRunner {
    private static final RemoteFunction RUN =
            arguments -> TaskChild.perform((SentMessage) Objects.requireNonNull(arguments[0]));
    private static final RemoteFunction NOTHING = _ -> null;

    /// How long children may take to end after the last call.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Children children;
    private final Values values;
    private final Code run;
    private final CompletableFuture<Void> ready;
    private volatile Consumer<MusterException> whenBroken = _ -> {};

    /// @throws NotATaskException when an object with tasks cannot be had in a child
    TaskProcesses(Muster muster, String hostname, ProcessOptions.Builder builder, int slots) {
        var options = options(muster, hostname, builder);
        this.children = options.children(slots);
        this.values = options.values(children.folder());
        try {
            this.run = Code.of(RUN, values);
            this.ready = warmUp(slots);
        } catch (IOException e) {
            children.shutdown();
            throw new UncheckedIOException(e);
        }
    }

    private static ProcessOptions options(
            Muster muster, String hostname, ProcessOptions.Builder builder) {
        var application = TaskChild.Application.of(muster, hostname);
        builder.name("task process").initializer(() -> TaskChild.open(application));
        var maxTasks = muster.settings().get(Setting.WORKER_MAX_TASKS_PER_CHILD);
        if (maxTasks > 0) {
            builder.maxTasksPerChild(maxTasks);
        }
        var maxKibibytes = muster.settings().get(Setting.WORKER_MAX_MEMORY_PER_CHILD);
        if (maxKibibytes > 0) {
            builder.maxMemoryPerChild(maxKibibytes * 1024);
        }
        return builder.build();
    }

    /// Starts all children, so that the first tasks need not wait for that.
    ///
    /// @return completed when one of them has started
    private CompletableFuture<Void> warmUp(int slots) throws IOException {
        var first = new CompletableFuture<Void>();
        var code = Code.of(NOTHING, values);
        for (var count = 0; count < slots; count++) {
            children.submit(
                    new Job(code, values.packAll(), null) {
                        @Override
                        protected void ended(Ending ending) {
                            if (ending instanceof Ending.Refused refused) {
                                first.completeExceptionally(new MusterException(reason(refused)));
                            } else {
                                first.complete(null);
                            }
                        }
                    });
        }
        return first;
    }

    private String reason(Ending.Refused refused) {
        return refused.thrown() == null
                ? refused.reason()
                : "%s: %s".formatted(refused.reason(), thrown(refused.thrown()));
    }

    @Override
    public CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public void whenBroken(Consumer<MusterException> listener) {
        whenBroken = listener;
    }

    @Override
    public Outcome run(TaskCall call, Delivery delivery, TimeLimits limits) {
        Execution execution;
        try {
            execution =
                    new Execution(
                            values.packAll(SentMessage.of(delivery, limits.soft())),
                            limits.hard().orElse(null));
        } catch (IOException e) {
            return new Outcome.Failure(e);
        }
        children.submit(execution);
        call.runsIn(() -> children.process(execution).map(Process::pid));
        try {
            return outcome(execution.ending.get(), call.context());
        } catch (InterruptedException e) {
            children.cancel(execution, call.signal());
            return new Outcome.Lost("its process is being ended", true);
        } catch (ExecutionException e) {
            throw new IllegalStateException("an ending is never a failure", e);
        }
    }

    /// A call in a child.
    private final class Execution extends Job {
        private final CompletableFuture<Ending> ending = new CompletableFuture<>();

        Execution(Packed arguments, @Nullable Duration limit) {
            super(run, arguments, limit);
        }

        @Override
        protected void ended(Ending how) {
            ending.complete(how);
        }
    }

    private Outcome outcome(Ending ending, TaskContext context) {
        return switch (ending) {
            case Ending.Returned(var packed) -> read(packed, context);
            case Ending.Threw(var packed) -> new Outcome.Failure(thrown(packed));
            case Ending.TimedOut(var limit) -> new Outcome.TimedOut(limit);
            case Ending.Died died ->
                    new Outcome.Lost(
                            "Worker exited prematurely: %s%s"
                                    .formatted(
                                            describe(died),
                                            died.lastLines().isEmpty()
                                                    ? ""
                                                    : ": " + died.lastLines().getLast()),
                            true);
            case Ending.Refused refused -> {
                var reason = reason(refused);
                whenBroken.accept(new MusterException(reason));
                yield new Outcome.Lost(reason, false);
            }
        };
    }

    private Outcome read(Packed packed, TaskContext context) {
        try {
            return OutcomeForm.read(values.unpack(packed), context, this::thrown);
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            return new Outcome.Failure(e);
        }
    }

    private Throwable thrown(Packed packed) {
        try {
            return values.unpack(packed) instanceof Throwable thrown
                    ? thrown
                    : new IllegalStateException("a child has thrown nothing");
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            return e;
        }
    }

    /// As Celery has it.
    private static String describe(Ending.Died died) {
        return died.exitStatus() > 128
                ? "signal %d (%s)"
                        .formatted(died.exitStatus() - 128, died.signal().orElse("unknown"))
                : "exitcode " + died.exitStatus();
    }

    @Override
    public TimeLimits unwatched(TimeLimits limits) {
        return TimeLimits.NONE;
    }

    @Override
    public String fate(Thread thread) {
        return "Its process is ended.";
    }

    @Override
    public void resize(int slots) {
        children.resize(slots);
    }

    @Override
    public List<Long> processes() {
        return children.processes().stream()
                .filter(process -> process.isDone() && !process.isCompletedExceptionally())
                .map(process -> process.join().pid())
                .toList();
    }

    @Override
    public void close() {
        var _ = children.abandon(true);
        try {
            var _ = children.awaitTermination(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
