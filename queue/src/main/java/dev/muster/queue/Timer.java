package dev.muster.queue;

import dev.muster.queue.spi.SimulatedClock;
import dev.muster.queue.spi.TurnableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs what is to be run after a while: on a thread of its own, as time passes, or, with a clock
/// that a test turns, on the thread that turns it. Thread-safe.
sealed interface Timer extends AutoCloseable {
    /// Tells what the actions throw.
    Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// Runs the action once; never after [#close()].
    TurnableClock.Alarm after(Duration delay, Runnable action);

    /// Forgets all that waits.
    @Override
    void close();

    /// @param name of its thread
    static Timer of(InstantSource clock, String name) {
        return clock instanceof TurnableClock turnable ? new Turned(turnable) : new Passing(name);
    }

    /// Nanoseconds since some time or other, of the time that a timer with this clock goes by.
    static LongSupplier nanoTime(InstantSource clock) {
        return switch (clock) {
            case SimulatedClock simulated -> simulated::nanoTime;
            case TurnableClock turned ->
                    () ->
                            TimeUnit.NANOSECONDS.convert(
                                    Duration.between(Instant.EPOCH, turned.instant()));
            default -> System::nanoTime;
        };
    }

    /// Goes by the system's ticks, which nobody sets.
    final class Passing implements Timer {
        private final ScheduledThreadPoolExecutor thread;

        private Passing(String name) {
            thread = new ScheduledThreadPoolExecutor(1, Thread.ofVirtual().name(name).factory());
            thread.setRemoveOnCancelPolicy(true);
            thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        @Override
        public TurnableClock.Alarm after(Duration delay, Runnable action) {
            try {
                // In nanoseconds, because rounding down would start it early.
                var waiting =
                        thread.schedule(
                                () -> attempt(action),
                                TimeUnit.NANOSECONDS.convert(delay),
                                TimeUnit.NANOSECONDS);
                return () -> waiting.cancel(false);
            } catch (RejectedExecutionException e) { // closed meanwhile
                return () -> {};
            }
        }

        /// An executor would keep what is thrown to itself.
        private static void attempt(Runnable action) {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                LOG.error("what was to happen later has failed", e);
            }
        }

        @Override
        public void close() {
            thread.shutdown();
        }
    }

    /// Goes by a clock that is turned.
    final class Turned implements Timer {
        private final TurnableClock clock;
        private final Set<TurnableClock.Alarm> waiting = ConcurrentHashMap.newKeySet();
        private volatile boolean closed;

        private Turned(TurnableClock clock) {
            this.clock = clock;
        }

        @Override
        public TurnableClock.Alarm after(Duration delay, Runnable action) {
            var alarm =
                    clock.at(
                            clock.instant().plus(delay),
                            () -> {
                                if (!closed) {
                                    action.run();
                                }
                            });
            waiting.add(alarm);
            if (closed) {
                alarm.cancel();
            }
            return () -> {
                waiting.remove(alarm);
                alarm.cancel();
            };
        }

        @Override
        public void close() {
            closed = true;
            waiting.forEach(TurnableClock.Alarm::cancel);
            waiting.clear();
        }
    }
}
