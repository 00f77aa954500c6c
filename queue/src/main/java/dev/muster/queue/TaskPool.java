package dev.muster.queue;

import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    /// Ends the threads that have nothing to do; the others end with their work.
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
        /// or what is left needs no place. By any thread; twice is harmless.
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

    /// Up to as many threads as there are slots, and one more for each slot that was given up while
    /// its task runs on. A thread takes one task after the other while any waits: under load tasks
    /// neither start a thread nor wake one.
    abstract sealed class Threads implements TaskPool permits VirtualThreads, PlatformThreads {
        static final Logger LOG = LoggerFactory.getLogger(Worker.class);

        private final ThreadFactory threads;
        private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
        private final Queue<Work> waiting = new ConcurrentLinkedQueue<>();
        private final Slots slots;

        /// Guarded by this object.
        private int size;

        private Threads(Thread.Builder threads, int slots) {
            // What a thread inherits would be that of the task whose end has started it.
            this.threads = threads.name("task-", 1).inheritInheritableThreadLocals(false).factory();
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

        /// Has a shift run by another thread.
        ///
        /// @param shift returns whether its thread rests
        abstract void start(BooleanSupplier shift);

        final void startNew(Runnable body) {
            var thread = threads.newThread(body);
            thread.setContextClassLoader(loader);
            thread.start();
        }

        /// Called by a thread that is about to give its slot back. If it rests, it waits for
        /// another shift.
        abstract boolean rest();

        @Override
        public void execute(Work work) {
            waiting.add(work);
            try {
                startThread();
            } catch (RuntimeException | Error e) {
                if (waiting.remove(work)) { // else another thread runs it
                    throw e;
                }
            }
        }

        private void startThread() {
            if (slots.tryAcquire()) {
                var started = false;
                try {
                    start(this::runWaiting);
                    started = true;
                } finally {
                    if (!started) {
                        slots.release();
                    }
                }
            }
        }

        /// @return whether the thread rests
        private boolean runWaiting() {
            var hasSlot = true;
            for (var work = waiting.poll();
                    work != null;
                    work = hasSlot && !slots.areTooMany() ? waiting.poll() : null) {
                var place = new Place(this::free);
                try {
                    work.run(place);
                } catch (RuntimeException | Error e) {
                    LOG.error("what a task leaves to do has failed", e);
                }
                hasSlot = place.end();
            }
            if (!hasSlot) {
                return false;
            }
            var rests = !slots.areTooMany() && rest();
            free();
            return rests;
        }

        private void free() {
            slots.release();
            if (!waiting.isEmpty()) {
                startThread(); // it came after the last look, and found no slot
            }
        }

        @Override
        public synchronized void resize(int newSize) {
            var added = newSize - size;
            size = newSize;
            slots.resize(added);
            for (var count = 0; count < added && !waiting.isEmpty(); count++) {
                startThread();
            }
        }
    }

    /// Virtual threads, which end when no task waits.
    final class VirtualThreads extends Threads {
        private VirtualThreads(int slots) {
            super(Thread.ofVirtual(), slots);
        }

        @Override
        void start(BooleanSupplier shift) {
            startNew(() -> {
                var _ = shift.getAsBoolean();
            });
        }

        @Override
        boolean rest() {
            return false;
        }

        /// On the same thread, which wakes no other if no work waits.
        @Override
        public void after(Slot slot, Runnable settlement) {
            slot.giveUp();
            settlement.run();
        }

        @Override
        public void close() {
            // No thread is kept without work.
        }
    }

    /// Platform threads, for tasks that compute, or that call native code which would pin a virtual
    /// thread. They are kept, and used again, until the end of the pool; one whose slot was given
    /// up ends with its work. So with one slot it is always the same thread, until that is given
    /// up.
    final class PlatformThreads extends Threads {
        /// A permit for each thread that waits, or soon will, for what is handed to it. Whoever
        /// takes one hands something over, or is such a thread, and ends. Since a thread rests
        /// before it gives its slot back, there are no more threads than slots.
        private final Semaphore resting = new Semaphore(0);

        private final BlockingQueue<BooleanSupplier> handed = new LinkedBlockingQueue<>();
        private final AtomicBoolean scarce = new AtomicBoolean();

        /// Set before those that rest are told, and looked at after a thread has said that it
        /// rests: so no thread misses it.
        private volatile boolean closed;

        private PlatformThreads(int slots) {
            super(Thread.ofPlatform().daemon(), slots);
        }

        @Override
        void start(BooleanSupplier shift) {
            if (resting.tryAcquire()) {
                handed.add(shift);
                return;
            }
            try {
                startNew(() -> live(shift));
            } catch (OutOfMemoryError e) {
                if (scarce.compareAndSet(false, true)) {
                    LOG.warn(
                            "where the system gives no thread, tasks run on virtual ones from now on: {}",
                            e.getMessage());
                }
                Thread.ofVirtual().name("task").start(() -> live(shift));
            }
        }

        private void live(BooleanSupplier first) {
            for (var shift = first; shift != null && shift.getAsBoolean(); ) {
                shift = next();
            }
        }

        /// @return null when the thread is to end
        private @Nullable BooleanSupplier next() {
            while (!closed || !resting.tryAcquire()) {
                try {
                    return handed.take();
                } catch (InterruptedException e) {
                    LOG.debug("a task was interrupted after its end", e);
                }
            }
            return null;
        }

        @Override
        boolean rest() {
            resting.release();
            return true;
        }

        @Override
        public void close() {
            closed = true;
            for (var count = resting.drainPermits(); count > 0; count--) {
                handed.add(this::rest); // and looks again
            }
        }
    }
}
