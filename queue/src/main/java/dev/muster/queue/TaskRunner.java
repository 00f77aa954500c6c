package dev.muster.queue;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.MusterException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Where the methods of tasks run: on the thread of a slot, or in a child process that the slot
/// waits for. Thread-safe.
sealed interface TaskRunner extends AutoCloseable permits TaskRunner.Here, TaskProcesses {
    /// Runs a call, and returns when it has ended. Who wants to end it before interrupts the thread
    /// that waits here.
    Outcome run(TaskCall call, Delivery delivery, TimeLimits limits);

    /// Those of the limits that somebody else has to watch.
    TimeLimits unwatched(TimeLimits limits);

    /// What becomes of a task that is given up on this thread, for the log.
    String fate(Thread thread);

    /// Completed when calls can be run; with a [MusterException] when they never can.
    default CompletableFuture<Void> ready() {
        return CompletableFuture.completedFuture(null);
    }

    /// Has this called when no call can be run any more.
    default void whenBroken(Consumer<MusterException> listener) {}

    /// Prepares for so many calls at once.
    default void resize(int slots) {}

    /// The processes that calls run in.
    List<Long> processes();

    /// Ends what it has started. What still runs in it is lost.
    @Override
    void close();

    /// Calls run on the thread that asks for it.
    record Here(Json json, Environment environment) implements TaskRunner {
        @Override
        public Outcome run(TaskCall call, Delivery delivery, TimeLimits limits) {
            return call.run(json, environment);
        }

        @Override
        public TimeLimits unwatched(TimeLimits limits) {
            return limits;
        }

        @Override
        public String fate(Thread thread) {
            return "Its slot is free for others; its thread goes on until it heeds the interruption:\n"
                    + Arrays.stream(thread.getStackTrace())
                            .map(frame -> "\tat " + frame)
                            .collect(Collectors.joining("\n"));
        }

        @Override
        public List<Long> processes() {
            return List.of(ProcessHandle.current().pid());
        }

        @Override
        public void close() {
            // The threads belong to the pool.
        }
    }
}
