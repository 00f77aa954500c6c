package dev.muster.queue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where tasks run: at most so many at once, started in the order in which they come.
sealed interface TaskPool extends AutoCloseable {
    /// Runs the work when a slot is free.
    void execute(Work work);

    /// Runs what may wait for a store or a broker, without a slot.
    default void aside(Runnable settlement) {
        try {
            Thread.ofVirtual().name("settle").start(settlement);
        } catch (OutOfMemoryError _) {
            // The system gives no thread to carry it. Should another have begun with it all the
            // same, it is settled twice, which is better than not at all.
            settlement.run();
        }
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

    /// @param slots how many tasks run at once
    static TaskPool of(Worker.Pool kind, int slots) {
        return switch (kind) {
            case VIRTUAL, PROCESSES -> new Threads(Thread.ofVirtual(), false, slots);
            case THREADS -> new Threads(Thread.ofPlatform().daemon(), true, slots);
            case SOLO -> new Threads(Thread.ofPlatform().daemon(), true, 1);
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
    /// its task runs on; that one ends with its task, if no slot is free for it. A thread takes one
    /// task after the other while any waits: under load no task starts a thread to run it, nor
    /// wakes one.
    ///
    /// Where the system gives no more threads, those that there are share the work. If there are
    /// none, it is run [#aside].
    ///
    /// Platform threads are kept, and rest until the end of the pool when there is no work. They
    /// are for tasks that compute, or that call native code which would pin a virtual thread. With
    /// one slot it is always the same thread, until the slot is given up. Virtual threads end when
    /// no work waits.
    final class Threads implements TaskPool {
        private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

        private final ThreadFactory threads;
        private final boolean kept;
        private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
        private final AtomicBoolean scarce = new AtomicBoolean();
        private final ReentrantLock lock = new ReentrantLock();

        // All below are guarded by the lock.

        /// Work without a slot.
        private final Deque<Work> waiting = new ArrayDeque<>();

        /// Work with a slot, for threads that rest.
        private final Queue<Work> handed = new ArrayDeque<>();

        /// Told when there is work for a thread that rests, and when too many rest.
        private final Condition changed = lock.newCondition();

        private int slots;

        /// How many slots are in use: more than there are, after there were more.
        private int used;

        /// How many threads rest, without those that work has been handed to.
        private int resting;

        private boolean closed;

        private Threads(Thread.Builder threads, boolean kept, int slots) {
            // What a thread inherits would be that of the task whose end has started it.
            this(
                    threads.name("task-", 1).inheritInheritableThreadLocals(false).factory(),
                    kept,
                    slots);
        }

        /// @param kept whether threads rest when they have no work
        Threads(ThreadFactory threads, boolean kept, int slots) {
            this.threads = threads;
            this.kept = kept;
            this.slots = slots;
        }

        @Override
        public void execute(Work work) {
            lock.lock();
            try {
                waiting.add(work);
            } finally {
                lock.unlock();
            }
            useSlots();
        }

        /// Has run what waits, as long as there are slots.
        private void useSlots() {
            var work = assign();
            while (work != null && start(work)) {
                work = assign();
            }
        }

        /// Gives slots to what waits, and hands that to threads that rest.
        ///
        /// @return the first that needs another thread; it has its slot
        private @Nullable Work assign() {
            lock.lock();
            try {
                while (used < slots && !waiting.isEmpty()) {
                    var work = waiting.remove();
                    used++;
                    if (resting == 0) {
                        return work;
                    }
                    resting--;
                    handed.add(work);
                    changed.signal();
                }
                return null;
            } finally {
                lock.unlock();
            }
        }

        /// @return whether another start is worth a try
        private boolean start(Work work) {
            try {
                var thread = threads.newThread(() -> run(work, kept));
                thread.setContextClassLoader(loader);
                thread.start();
                return true;
            } catch (OutOfMemoryError e) { // or the system gives no thread
                if (scarce.compareAndSet(false, true)) {
                    LOG.warn(
                            "there are fewer threads than slots, as no more can be started: {}",
                            e.getMessage());
                }
                return isForOthers(work);
            }
        }

        /// Leaves work that has a slot to the threads that there are.
        ///
        /// @return whether one of them rests
        private boolean isForOthers(Work work) {
            lock.lock();
            try {
                if (resting > 0 || used > 1) {
                    waiting.addFirst(work);
                    used--;
                    return resting > 0;
                }
            } finally {
                lock.unlock();
            }
            aside(() -> run(work, false));
            return true;
        }

        /// Runs work that has a slot, and what follows.
        private void run(Work first, boolean mayRest) {
            var work = first;
            while (work != null) {
                var place = new Place();
                try {
                    work.run(place);
                } catch (RuntimeException | Error e) {
                    LOG.error("what a task leaves to do has failed", e);
                }
                work = next(place, mayRest);
            }
        }

        /// @return work with a slot; null if the thread is to end
        private @Nullable Work next(Place place, boolean mayRest) {
            lock.lock();
            try {
                var hadSlot = place.end();
                if (used < slots && !waiting.isEmpty()) {
                    used++;
                    return waiting.remove();
                }
                return hadSlot && mayRest ? rest() : null;
            } finally {
                lock.unlock();
                if (Thread.interrupted()) {
                    LOG.debug("a task was interrupted after its end");
                }
            }
        }

        /// Under the lock, which it gives away meanwhile.
        private @Nullable Work rest() {
            resting++;
            while (handed.isEmpty()) {
                if (closed || used + resting > slots) {
                    resting--;
                    return null;
                }
                changed.awaitUninterruptibly();
            }
            return handed.remove();
        }

        /// Kept threads would not be there for the next task.
        @Override
        public void after(Slot slot, Runnable settlement) {
            if (kept) {
                aside(settlement);
            } else {
                slot.giveUp();
                settlement.run();
            }
        }

        @Override
        public void resize(int newSlots) {
            lock.lock();
            try {
                slots = newSlots;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            useSlots();
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /// The place of one piece of work. Its thread may have other work by the time that somebody
        /// gives it up, which then changes nothing.
        private final class Place implements Slot {
            /// Guarded by the lock.
            private boolean over;

            @Override
            public void giveUp() {
                if (end()) {
                    useSlots();
                }
            }

            /// @return whether it has not been given up
            private boolean end() {
                lock.lock();
                try {
                    if (over) {
                        return false;
                    }
                    over = true;
                    used--;
                    return true;
                } finally {
                    lock.unlock();
                }
            }
        }
    }
}
