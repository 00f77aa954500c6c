package dev.muster.parallel.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Where calls can run: here, or at a server. All but the name is guarded by the lock of the
/// [Dispatcher].
///
/// It estimates when it would be done with a call: from what calls have taken here, and how many
/// are here already. When nothing gets done for longer than a call takes, that is what a call takes
/// now.
abstract sealed class Place permits LocalPlace, ServerPlace {
    /// So much work is sent ahead for each slot, besides what is done while a call is on its way.
    private static final long LOOK_AHEAD = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long MAX_LATENCY = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long MAX_AHEAD = 512;

    /// A place that has not answered in that time may be asked again.
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    /// For so long a place that begins no calls gets only those that others would do later still.
    private static final long DISTRUST = TimeUnit.SECONDS.toNanos(5);

    final String name;

    /// The calls that it has, in the order in which they were sent.
    final Map<Long, Errand> calls = new LinkedHashMap<>();

    final Speed speed = new Speed();
    final Tally tally = new Tally();

    /// How many calls can run at once; 0 while it is away.
    int slots;

    /// Slots that work for others.
    int others;

    /// Whether it was asked to give calls back, and has given or finished none since.
    private boolean asked;

    /// When it was asked last.
    private long askedAt;

    /// Whether it gave calls back because none began; it is not trusted for a while then.
    private boolean wasStuck;

    /// What a call takes besides its work, a moving average.
    private long latency = TimeUnit.MICROSECONDS.toNanos(100);

    /// When a call has ended, or, if that is later, when there was one again.
    private long lastProgress;

    private long lastNumber;

    Place(String name) {
        this.name = name;
    }

    /// Takes a call that has a number here. The lock is held.
    ///
    /// @param later what must not be done while the lock is held
    abstract void begin(Errand errand, List<Runnable> later);

    /// Asks for calls back that have not begun. The lock is held.
    abstract void takeBack(List<Errand> errands, List<Runnable> later);

    /// Gives up a call. The lock is held. It is returned when it is over.
    abstract void cancel(Errand errand, boolean kill, List<Runnable> later);

    /// The lock is held.
    abstract boolean isRunning(Errand errand);

    /// Ends it, when it has no calls any more. The lock is not held.
    abstract void close();

    abstract ServerStatistics.State state();

    /// Why it is in this state; empty when there is nothing to say.
    abstract String reason();

    final void take(Errand errand, long now, List<Runnable> later) {
        if (calls.isEmpty()) {
            tally.begin(now);
            if (!isDistrusted(now)) {
                lastProgress = now;
            }
        }
        errand.place = this;
        errand.number = ++lastNumber;
        errand.started = false;
        errand.asked = false;
        errand.sentToFreeSlot = calls.size() + others < slots ? now : 0;
        calls.put(errand.number, errand);
        begin(errand, later);
    }

    /// Takes in that it has a call no more.
    ///
    /// @param nanos how long it ran; 0 when it did not, or while unknown
    final void drop(Errand errand, long nanos, long now) {
        calls.remove(errand.number);
        errand.place = null;
        asked = false;
        if (nanos > 0) {
            lastProgress = now;
            wasStuck = false;
            speed.measured(errand.function(), nanos);
            if (errand.sentToFreeSlot != 0) {
                var besides = Math.clamp(now - errand.sentToFreeSlot - nanos, 0, MAX_LATENCY);
                latency = (latency * 7 + besides) / 8;
            }
        }
        if (calls.isEmpty()) {
            tally.end(now);
        }
    }

    private long stalled(long now) {
        return calls.isEmpty() && !isDistrusted(now) ? 0 : now - lastProgress;
    }

    private boolean isDistrusted(long now) {
        return wasStuck && now - askedAt < DISTRUST;
    }

    /// Whether it has calls of which it begins none: its slots work for others.
    private boolean isStuck(long now) {
        return tellsStarts()
                && stalled(now) > 2 * latency + MAX_LATENCY / 2
                && calls.values().stream().noneMatch(call -> call.started);
    }

    /// Whether it may be asked to give calls back.
    final boolean mayBeAsked(long now) {
        return slots > 0 && !calls.isEmpty() && (!asked || now - askedAt > PATIENCE);
    }

    /// Has calls taken back that others can do sooner.
    final void ask(List<Errand> errands, long now, List<Runnable> later) {
        wasStuck = isStuck(now);
        asked = true;
        askedAt = now;
        errands.forEach(errand -> errand.asked = true);
        takeBack(errands, later);
    }

    final boolean isIdle() {
        return calls.size() < slots;
    }

    final boolean isFull() {
        var average = speed.average();
        var ahead = average == 0 ? 0 : Math.min((latency + LOOK_AHEAD) / average, MAX_AHEAD);
        return calls.size() >= slots * (1 + ahead);
    }

    /// When it would have a call done that it gets now, in nanoseconds from now.
    ///
    /// @param unknown what a call takes where that is not known
    final double timeFor(long function, long unknown, long now) {
        return latency + timeOf(function, unknown, now) * (1 + behind(1) / slots);
    }

    /// When it would have so many more calls done, and all that it has.
    final double timeForAll(int more, long function, long unknown, long now) {
        return timeOf(function, unknown, now) * (1 + behind(more) / slots);
    }

    private double timeOf(long function, long unknown, long now) {
        var known = speed.of(function);
        return Math.max(known == 0 ? unknown : known, stalled(now));
    }

    /// How many calls have no slot when there are so many more.
    private double behind(int more) {
        return Math.max(0, calls.size() + others + more - slots);
    }

    /// When it has the last of its calls done.
    final double timeLeft(long now) {
        return timeOf(0, 0, now) * (1 + behind(0) / slots);
    }

    /// How many of its calls probably wait there.
    final int surplus(long now) {
        var unstarted = (int) calls.values().stream().filter(call -> !call.started).count();
        return Math.min(unstarted, isStuck(now) ? unstarted : (int) behind(0));
    }

    /// Whether [Errand#started] is set for all calls that take long.
    abstract boolean tellsStarts();

    /// Up to so many calls that can be asked for, the last ones.
    final List<Errand> lastCalls(int most) {
        var found = new ArrayList<Errand>();
        for (var errand : List.copyOf(calls.values()).reversed()) {
            if (found.size() == most) {
                break;
            }
            if (!errand.started && !errand.asked && !errand.cancelled) {
                found.add(errand);
            }
        }
        return found;
    }
}
