package dev.muster.queue;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Where tasks run: at most so many at once, started in the order in which they come.
sealed interface TaskPool extends AutoCloseable {
    /// Runs the work when a slot is free.
    void execute(Work work);

    /// Runs what may wait for a store or a broker, without a slot.
    default void aside(Runnable settlement) {
        Thread.ofVirtual().name("settle").start(settlement);
    }

    /// Runs what is left to do after the work of a slot, without the slot.
    default void after(Slot slot, Runnable settlement) {
        aside(settlement);
    }

    /// Changes how many run at once. What runs goes on.
    void resize(int slots);

    /// Ends the threads that have nothing to do; the others end with their work. Nothing is
    /// executed from then on.
    @Override
    void close();

    /// Something to run in a slot.
    @FunctionalInterface
    interface Work {
        void run(Slot slot);
    }

    /// The place that one piece of work takes up while it runs.
    @FunctionalInterface
    interface Slot {
        /// Gives the place to others although the work still runs: nobody expects its end any more,
        /// or what is left needs no place. Its thread ends with it. By any thread; twice is
        /// harmless.
        void giveUp();
    }

    /// The place of one piece of work. Its thread may have other work by the time that somebody
    /// gives it up, which then changes nothing.
    final class Place implements Slot {
        private final Runnable whenGivenUp;
        private final AtomicBoolean over = new AtomicBoolean();

        private Place(Runnable whenGivenUp) {
            this.whenGivenUp = whenGivenUp;
        }

        @Override
        public void giveUp() {
            if (over.compareAndSet(false, true)) {
                whenGivenUp.run();
            }
        }

        /// @return whether it has not been given up
        private boolean end() {
            return over.compareAndSet(false, true);
        }
    }

    /// @param slots how many tasks run at once
    static TaskPool of(Worker.Pool kind, int slots) {
        return switch (kind) {
            case VIRTUAL, PROCESSES -> new VirtualThreads(slots);
            case THREADS -> new PlatformThreads(slots);
            case SOLO -> new PlatformThreads(1);
        };
    }

    /// The thread that brings the work: it returns when that is done.
    final class CallingThread implements TaskPool {
        @Override
        public void execute(Work work) {
            work.run(() -> {});
        }

        @Override
        public void aside(Runnable settlement) {
            settlement.run();
        }

        @Override
        public void resize(int slots) {
            // It stays one.
        }

        @Override
        public void close() {
            // It belongs to others.
        }
    }

    /// Up to as many virtual threads as there are slots. A thread takes one task after the other,
    /// and ends when none waits: under load tasks neither start a thread nor wake one, but for
    /// those whose results are stored, which leave their slot to another thread meanwhile.
    final class VirtualThreads implements TaskPool {
        private final ThreadFactory threads = Thread.ofVirtual().name("task-", 1).factory();
        private final Queue<Work> waiting = new ConcurrentLinkedQueue<>();
        private final Slots slots;

        /// Guarded by this object.
        private int size;

        private VirtualThreads(int slots) {
            this.slots = new Slots(slots);
            this.size = slots;
        }

        /// A semaphore that may be given fewer permits than are in use.
        private static final class Slots extends Semaphore {
            Slots(int permits) {
                super(permits);
            }

            void resize(int change) {
                if (change < 0) {
                    reducePermits(-change);
                } else {
                    release(change);
                }
            }

            boolean areTooMany() {
                return availablePermits() < 0;
            }
        }

        @Override
        public void execute(Work work) {
            waiting.add(work);
            startThread();
        }

        /// On the same thread, which wakes no other if no work waits.
        @Override
        public void after(Slot slot, Runnable settlement) {
            slot.giveUp();
            settlement.run();
        }

        private void startThread() {
            if (slots.tryAcquire()) {
                threads.newThread(this::runWaiting).start();
            }
        }

        private void runWaiting() {
            var hasSlot = true;
            try {
                for (var work = waiting.poll();
                        work != null;
                        work = hasSlot && !slots.areTooMany() ? waiting.poll() : null) {
                    var place = new Place(this::free);
                    try {
                        work.run(place);
                    } finally {
                        hasSlot = place.end();
                    }
                }
            } finally {
                if (hasSlot) {
                    free();
                }
            }
        }

        private void free() {
            slots.release();
            if (!waiting.isEmpty()) {
                startThread(); // it came after the last look, and found no slot
            }
        }

        @Override
        public synchronized void resize(int newSize) {
            slots.resize(newSize - size);
            for (var count = size; count < newSize && !waiting.isEmpty(); count++) {
                startThread();
            }
            size = newSize;
        }

        @Override
        public void close() {
            // No thread is kept without work.
        }
    }

    /// So many platform threads, for tasks that compute, or that call native code which would pin a
    /// virtual thread.
    final class PlatformThreads implements TaskPool {
        private final ThreadPoolExecutor threads;

        /// Guarded by this object.
        private int size;

        private PlatformThreads(int slots) {
            this.size = slots;
            this.threads =
                    new ThreadPoolExecutor(
                            slots,
                            Integer.MAX_VALUE,
                            0,
                            TimeUnit.SECONDS,
                            new LinkedBlockingQueue<>(),
                            Thread.ofPlatform().name("task-", 1).daemon().factory());
        }

        @Override
        public void execute(Work work) {
            threads.execute(() -> {
                // One thread more while work runs on that has given its place up.
                var place = new Place(() -> add(1));
                try {
                    work.run(place);
                } finally {
                    if (!place.end()) {
                        add(-1);
                    }
                }
            });
        }

        private synchronized void add(int change) {
            threads.setCorePoolSize(threads.getCorePoolSize() + change);
        }

        @Override
        public synchronized void resize(int newSize) {
            add(newSize - size);
            size = newSize;
        }

        @Override
        public void close() {
            threads.shutdown();
        }
    }
}
