package dev.muster.queue;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// Where tasks run: at most so many at once, in the order in which they come. What follows a run
/// (storing the result, acknowledging) takes no slot.
sealed interface TaskPool extends AutoCloseable {
    /// Runs the task when a slot is free; then, without the slot, what follows.
    void execute(Runnable task, Runnable afterwards);

    /// Waits for what has been started.
    @Override
    void close();

    /// @param slots how many tasks run at once
    static TaskPool of(Worker.Pool kind, int slots) {
        return switch (kind) {
            case VIRTUAL -> new VirtualThreads(slots);
            case THREADS -> new PlatformThreads(slots);
            case SOLO -> new Solo();
        };
    }

    /// A virtual thread per task, and a semaphore for the slots. It is fair, so that tasks start in
    /// the order of the queue.
    final class VirtualThreads implements TaskPool {
        private final ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("task-", 1).factory());
        private final Semaphore slots;

        private VirtualThreads(int slots) {
            this.slots = new Semaphore(slots, true);
        }

        @Override
        public void execute(Runnable task, Runnable afterwards) {
            threads.execute(() -> {
                slots.acquireUninterruptibly();
                try {
                    task.run();
                } finally {
                    slots.release();
                }
                afterwards.run();
            });
        }

        @Override
        public void close() {
            threads.close();
        }
    }

    /// So many platform threads, for tasks that compute, or that call native code which would pin a
    /// virtual thread.
    final class PlatformThreads implements TaskPool {
        private final ExecutorService threads;
        private final ExecutorService followers =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("settle-", 1).factory());

        private PlatformThreads(int slots) {
            this.threads =
                    Executors.newFixedThreadPool(
                            slots, Thread.ofPlatform().name("task-", 1).daemon().factory());
        }

        @Override
        public void execute(Runnable task, Runnable afterwards) {
            threads.execute(() -> {
                task.run();
                followers.execute(afterwards);
            });
        }

        @Override
        public void close() {
            threads.close();
            followers.close();
        }
    }

    /// The worker's own thread: one task after the other, for debugging and for code that wants to
    /// stay on one thread.
    final class Solo implements TaskPool {
        @Override
        public void execute(Runnable task, Runnable afterwards) {
            task.run();
            afterwards.run();
        }

        @Override
        public void close() {
            // It has no threads.
        }
    }
}
