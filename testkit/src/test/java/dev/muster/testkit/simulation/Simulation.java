package dev.muster.testkit.simulation;

import dev.muster.queue.spi.TurnableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Virtual time, and the order in which everything happens: of all threads that could go on, the
/// seed says which does. When none can, time passes until something is due.
///
/// One thread runs it all, so what happens between two waits is atomic, and the same seed makes the
/// same history.
final class Simulation {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    /// How long each step takes.
    private static final long STEP = TimeUnit.MICROSECONDS.toNanos(10);

    private static final long FOR_EVER = Long.MAX_VALUE / 2;

    /// So many in one history that something must be going round in circles.
    private static final long MOST_STEPS = 1_000_000;

    private final Random random;
    private final Thread thread = Thread.currentThread();
    private final List<Step> ready = new ArrayList<>();
    private final PriorityQueue<Alarm> alarms =
            new PriorityQueue<>(
                    Comparator.comparingLong(Alarm::due).thenComparingLong(Alarm::number));

    /// Nanoseconds since the start.
    private long now;

    private long steps;

    /// A thread of another world that has resumed one of this.
    private volatile @Nullable Thread stranger;

    private long numbers;

    Simulation(Random random) {
        this.random = random;
    }

    /// What a thread of a node does until it waits again.
    private record Step(Node node, Runnable action) {}

    private record Alarm(long due, long number, Runnable action) {}

    /// To be called by what runs in this simulation, and nobody else: another thread would make the
    /// order depend on chance. That is how the JVM resumes a thread that has waited for a contended
    /// monitor, so locks that are held during waits must not be monitors.
    void ready(Node node, Runnable action) {
        var caller = Thread.currentThread();
        if (!caller.isVirtual() && !caller.equals(thread)) {
            stranger = caller;
        }
        ready.add(new Step(node, action));
    }

    Instant instant() {
        return START.plusNanos(now);
    }

    long nanoTime() {
        return now;
    }

    /// Runs an action, which must not wait, at that time.
    TurnableClock.Alarm at(Instant due, Runnable action) {
        return add(TimeUnit.NANOSECONDS.convert(Duration.between(START, due)), action);
    }

    TurnableClock.Alarm after(Duration delay, Runnable action) {
        return add(now + Math.min(TimeUnit.NANOSECONDS.convert(delay), FOR_EVER), action);
    }

    private TurnableClock.Alarm add(long due, Runnable action) {
        var alarm = new Alarm(due, numbers++, action);
        alarms.add(alarm);
        return () -> alarms.remove(alarm);
    }

    /// @return false when nothing is left to do, or the time is over, before it is done
    boolean runUntil(BooleanSupplier done, Duration limit) {
        var end = now + limit.toNanos();
        while (!done.getAsBoolean()) {
            if (stranger != null) {
                throw new IllegalStateException("a thread was resumed by " + stranger);
            }
            if (!alarms.isEmpty() && alarms.peek().due <= now) {
                alarms.poll().action.run();
            } else if (!ready.isEmpty()) {
                step();
            } else if (!alarms.isEmpty() && alarms.peek().due <= end) {
                now = alarms.peek().due;
            } else {
                return false;
            }
        }
        return true;
    }

    private void step() {
        if (++steps > MOST_STEPS) {
            throw new IllegalStateException("no end after %,d steps".formatted(steps));
        }
        var index = random.nextInt(ready.size());
        var step = ready.get(index);
        var last = ready.removeLast();
        if (index < ready.size()) {
            ready.set(index, last);
        }
        now += STEP;
        step.node.run(step.action);
    }

    long steps() {
        return steps;
    }
}
