package dev.muster.queue;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// Where tasks run: at most so many at once, started in the order in which they come.
sealed interface TaskPool extends AutoCloseable {
    /// Runs the task when a slot is free.
    void execute(Runnable task);

    /// Waits for what has been started.
    @Override
    void close();

    /// @param slots how many tasks run at once
    static TaskPool of(Worker.Pool kind, int slots) {
        return switch (kind) {
            case VIRTUAL -> new VirtualThreads(slots);
            case THREADS -> new PlatformThreads(slots);
            case SOLO -> new PlatformThreads(1);
        };
    }

    /// Up to as many virtual threads as there are slots. A thread takes one task after the other,
    /// and ends when none waits: under load tasks neither start a thread nor wake one.
    final class VirtualThreads implements TaskPool {
        private final ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("task-", 1).factory());
        private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        private final Semaphore slots;

        private VirtualThreads(int slots) {
            this.slots = new Semaphore(slots);
        }

        @Override
        public void execute(Runnable task) {
            waiting.add(task);
            startThread();
        }

        private void startThread() {
            if (slots.tryAcquire()) {
                threads.execute(this::runWaiting);
            }
        }

        private void runWaiting() {
            try {
                for (var task = waiting.poll(); task != null; task = waiting.poll()) {
                    task.run();
                }
            } finally {
                slots.release();
                if (!waiting.isEmpty()) {
                    startThread(); // it came after the last look, and found no slot
                }
            }
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

        private PlatformThreads(int slots) {
            this.threads =
                    Executors.newFixedThreadPool(
                            slots, Thread.ofPlatform().name("task-", 1).daemon().factory());
        }

        @Override
        public void execute(Runnable task) {
            threads.execute(task);
        }

        @Override
        public void close() {
            threads.close();
        }
    }
}
