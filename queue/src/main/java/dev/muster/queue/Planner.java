package dev.muster.queue;

import dev.muster.queue.schedule.Crontab;
import dev.muster.queue.schedule.Interval;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
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

    /// Where to begin to count: not with the seconds of a year, but with a run that has more behind
    /// it than may be made up for. A clock that was wrong makes for long times.
    private static Run start(StoredEntry entry, Schedule schedule, Run first, Instant now) {
        var end = now.minus(entry.entry().jitter());
        if (schedule instanceof Interval interval) {
            var past = Duration.between(first.time(), end);
            var skipped = past.dividedBy(step(interval)) - MissedRuns.LIMIT;
            return skipped > 0 ? run(entry, after(interval, first.time(), skipped)) : first;
        }
        for (var past = Duration.ofHours(1); ; past = past.multipliedBy(4)) {
            var from = end.minus(past);
            if (!from.isAfter(first.time())) {
                return first;
            }
            var time = schedule.next(from, from);
            if (isMoreThanMayBeMadeUpFor(schedule, time, end)) {
                return run(entry, time);
            }
        }
    }

    private static boolean isMoreThanMayBeMadeUpFor(Schedule schedule, Instant from, Instant end) {
        var time = from;
        for (var count = 0; count < MissedRuns.LIMIT; count++) {
            if (time.isAfter(end)) {
                return false;
            }
            time = schedule.next(time, time);
        }
        return !time.isAfter(end);
    }

    /// From a run of an interval to the next: one that is relative loses what is more than whole
    /// units, each time.
    private static Duration step(Interval interval) {
        if (interval.relative()) {
            for (var unit :
                    List.of(
                            ChronoUnit.DAYS,
                            ChronoUnit.HOURS,
                            ChronoUnit.MINUTES,
                            ChronoUnit.SECONDS)) {
                var length = unit.getDuration();
                var units = interval.every().dividedBy(length);
                if (units > 0) {
                    return length.multipliedBy(units);
                }
            }
        }
        return interval.every();
    }

    private static Instant after(Interval interval, Instant run, long count) {
        var step = step(interval);
        if (!interval.relative() || step.compareTo(ChronoUnit.DAYS.getDuration()) < 0) {
            return run.plus(step.multipliedBy(count));
        }
        var zone = interval.zone().orElse(ZoneOffset.UTC);
        // Days by the calendar, as some have other than 24 hours.
        return LocalDate.ofInstant(run, zone)
                .plusDays(step.toDays() * count)
                .atStartOfDay(zone)
                .toInstant();
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
        // Not as milliseconds of the library, which overflow for times that make no sense.
        var millis = time.getEpochSecond() * 1000 + time.getNano() / 1_000_000;
        var seed = 31L * entry.name().hashCode() + millis;
        return Duration.ofMillis(
                new SplittableRandom(seed).nextLong(entry.jitter().toMillis() + 1));
    }
}
