package dev.muster.queue;

import dev.muster.queue.schedule.Crontab;
import dev.muster.queue.schedule.Interval;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The runs to come, the next one first. Not thread-safe.
final class Planner {
    private static final Logger LOG = LoggerFactory.getLogger(Beat.class);

    /// How late the last missed run may be and still be sent with [MissedRuns#SKIP].
    private static final Duration GRACE = Duration.ofMinutes(1);

    /// An interval that is no later than this goes on counting from the time that was meant, and so
    /// does not drift; a later one counts from now.
    private static final Duration PUNCTUAL = Duration.ofSeconds(1);

    private final ZoneId zone;
    private final Optional<Duration> deadline;
    private final PriorityQueue<Run> runs =
            new PriorityQueue<>(
                    Comparator.comparing(Run::due).thenComparing(run -> run.entry().name()));

    /// One run of an entry.
    ///
    /// @param time for which it is
    /// @param due when it is sent: the time and its jitter
    record Run(StoredEntry entry, Instant time, Instant due) {}

    /// @param zone of crontabs that name none
    /// @param deadline how late a run of a crontab may be (`beat_cron_starting_deadline`)
    Planner(ZoneId zone, Optional<Duration> deadline) {
        this.zone = zone;
        this.deadline = deadline;
    }

    void replaceAll(Collection<StoredEntry> entries, Instant now) {
        runs.clear();
        entries.forEach(entry -> add(entry, now));
    }

    /// Plans the next run, unless the entry is paused.
    void add(StoredEntry entry, Instant now) {
        if (entry.isPaused()) {
            return;
        }
        try {
            runs.add(plan(entry, now));
        } catch (DateTimeException e) {
            LOG.error("'{}' will not run: {}", entry.name(), e.getMessage());
        }
    }

    /// Takes the next run that is due.
    Optional<Run> poll(Instant now) {
        while (!runs.isEmpty() && !runs.peek().due().isAfter(now)) {
            var entry = runs.remove().entry();
            // Which run it is may have changed since it was planned, if nobody looked for long.
            var run = plan(entry, now);
            if (!run.due().isAfter(now)) {
                return Optional.of(run);
            }
            runs.add(run);
        }
        return Optional.empty();
    }

    /// When the next run is due; empty when there is none.
    Optional<Instant> next() {
        return Optional.ofNullable(runs.peek()).map(Run::due);
    }

    /// The next run of an entry, as it is seen now.
    Run plan(StoredEntry entry, Instant now) {
        var schedule = entry.entry().schedule().withDefaultZone(zone);
        var isEach = entry.entry().missed() == MissedRuns.ALL;
        var first =
                run(
                        entry,
                        schedule.next(
                                entry.lastRun(), isEach ? entry.lastRun() : seen(entry, now)));
        if (first.due().isAfter(now)) {
            return first;
        }
        var missed = missed(entry, schedule, first, now);
        var last = missed.getLast();
        var late = Duration.between(last.due(), now);
        if (isTooLate(entry.entry(), late)) {
            return run(entry, schedule.next(last.time(), last.time()));
        }
        if (isEach) {
            return missed.getFirst();
        }
        return schedule instanceof Interval(_, var relative, _)
                        && !relative
                        && late.compareTo(PUNCTUAL) > 0
                ? new Run(entry, now, now)
                : last;
    }

    /// When whoever asks now would have asked without jitter: a crontab leaves out the rest of an
    /// hour on the day after, and a run of that hour may be due only then.
    private static Instant seen(StoredEntry entry, Instant now) {
        var earlier = now.minus(entry.entry().jitter());
        return earlier.isAfter(entry.lastRun()) ? earlier : entry.lastRun();
    }

    private boolean isTooLate(ScheduleEntry entry, Duration late) {
        if (entry.missed() == MissedRuns.SKIP && late.compareTo(GRACE) > 0) {
            return true;
        }
        return entry.schedule() instanceof Crontab
                && deadline.filter(limit -> late.compareTo(limit) > 0).isPresent();
    }

    /// The runs that are due, or the last of them where they are more than may be made up for.
    private static ArrayDeque<Run> missed(
            StoredEntry entry, Schedule schedule, Run first, Instant now) {
        var missed = new ArrayDeque<Run>();
        for (var run = start(entry, schedule, first, now);
                !run.due().isAfter(now);
                run = run(entry, schedule.next(run.time(), run.time()))) {
            missed.add(run);
            if (missed.size() > MissedRuns.LIMIT) {
                missed.removeFirst();
            }
        }
        return missed;
    }

    /// Does not count the seconds of a year.
    private static Run start(StoredEntry entry, Schedule schedule, Run first, Instant now) {
        if (!(schedule instanceof Interval(var every, var relative, _)) || relative) {
            return first;
        }
        var past = Duration.between(first.time(), now).minus(entry.entry().jitter());
        var skipped = past.dividedBy(every) - MissedRuns.LIMIT;
        return skipped > 0 ? run(entry, first.time().plus(every.multipliedBy(skipped))) : first;
    }

    private static Run run(StoredEntry entry, Instant time) {
        return new Run(entry, time, time.plus(jitter(entry.entry(), time)));
    }

    /// The same one whichever beat asks, so that a run is not sent earlier because another beat
    /// took over.
    private static Duration jitter(ScheduleEntry entry, Instant time) {
        if (entry.jitter().isZero()) {
            return Duration.ZERO;
        }
        var seed = 31L * entry.name().hashCode() + time.toEpochMilli();
        return Duration.ofMillis(
                new SplittableRandom(seed).nextLong(entry.jitter().toMillis() + 1));
    }
}
