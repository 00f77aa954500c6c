package dev.muster.queue;

import dev.muster.queue.spi.TurnableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// What is to happen at times of day, as a clock tells them that may be set meanwhile. Thread-safe.
///
/// One alarm serves all that waits: for the first of it, or for another look at the clock.
final class Agenda {
    /// How late something is at the most when the clock was set forward, or right.
    static final Duration LONGEST_REST = Duration.ofSeconds(10);

    private final Timer timer;
    private final InstantSource clock;
    private final Duration longestRest;

    /// By time, and those of one time as they came. Guarded by this object, as is what follows.
    private final PriorityQueue<Entry> waiting =
            new PriorityQueue<>(Comparator.comparing(Entry::due).thenComparingLong(Entry::number));

    private long count;
    private TurnableClock.@Nullable Alarm alarm;

    private record Entry(Instant due, long number, Runnable action) {}

    /// @param timer what happens is run by it, and no more when it is closed
    Agenda(Timer timer, InstantSource clock, Duration longestRest) {
        this.timer = timer;
        this.clock = clock;
        this.longestRest = longestRest;
    }

    /// Runs the action once, when that time has come.
    synchronized void at(Instant due, Runnable action) {
        var entry = new Entry(due, count++, action);
        waiting.add(entry);
        if (entry.equals(waiting.peek())) {
            setAlarm(entry);
        }
    }

    private void setAlarm(Entry first) {
        if (alarm != null) {
            alarm.cancel();
        }
        var left = Duration.between(clock.instant(), first.due);
        alarm = timer.after(left.compareTo(longestRest) < 0 ? left : longestRest, this::look);
    }

    private void look() {
        for (var entry : due()) {
            var _ = timer.after(Duration.ZERO, entry.action);
        }
    }

    private synchronized List<Entry> due() {
        var now = clock.instant();
        var due = new ArrayList<Entry>();
        for (var first = waiting.peek(); first != null; first = waiting.peek()) {
            if (first.due.isAfter(now)) {
                setAlarm(first);
                break;
            }
            due.add(waiting.remove());
        }
        return due;
    }
}
