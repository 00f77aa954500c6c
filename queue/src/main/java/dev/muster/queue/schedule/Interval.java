package dev.muster.queue.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;

/// Again and again after some time (celery-wire 9.2).
///
/// @param every the time between two runs, positive
/// @param relative whether a run is moved to the beginning of its day, hour, minute or second: the
///   largest of these units that fits into the interval
/// @param zone where days begin; empty for the application's
public record Interval(Duration every, boolean relative, Optional<ZoneId> zone)
        implements Schedule {
    public Interval {
        Objects.requireNonNull(zone, "zone");
        if (!every.isPositive()) {
            throw new IllegalArgumentException("an interval must be > 0, was " + every);
        }
    }

    /// Not relative, in the application's time zone.
    public static Interval of(Duration every) {
        return new Interval(every, false, Optional.empty());
    }

    /// With runs at the beginning of a unit of time.
    public Interval rounded() {
        return new Interval(every, true, zone);
    }

    @Override
    public Interval withDefaultZone(ZoneId value) {
        return zone.isPresent() ? this : new Interval(every, relative, Optional.of(value));
    }

    /// Always the same instant, whatever the time is. Celery counts in local time, so that with a
    /// time zone an interval of minutes stands still for an hour in autumn; here it does not.
    @Override
    public Instant next(Instant lastRun, Instant now) {
        if (!relative) {
            return lastRun.plus(every);
        }
        var rounded = rounded(lastRun);
        // Of less than a second it would be the same second again and again. So it would where
        // clocks are set back by half an hour, as on Lord Howe Island.
        return rounded.isAfter(lastRun) ? rounded : lastRun.plus(every);
    }

    private Instant rounded(Instant lastRun) {
        var start = lastRun.atZone(zone.orElse(ZoneOffset.UTC));
        if (every.compareTo(ChronoUnit.DAYS.getDuration()) >= 0) {
            // By the calendar, as a day of 25 hours would otherwise follow upon itself.
            return start.toLocalDateTime()
                    .plus(every)
                    .toLocalDate()
                    .atStartOfDay(start.getZone())
                    .toInstant();
        }
        return start.plus(every).truncatedTo(unit()).toInstant();
    }

    private ChronoUnit unit() {
        if (every.compareTo(ChronoUnit.HOURS.getDuration()) >= 0) {
            return ChronoUnit.HOURS;
        }
        return every.compareTo(ChronoUnit.MINUTES.getDuration()) >= 0
                ? ChronoUnit.MINUTES
                : ChronoUnit.SECONDS;
    }

    /// `every 600 s`.
    @Override
    public String toString() {
        var seconds = every.toMillis() / 1000.0;
        return "every %s s%s"
                .formatted(
                        seconds == Math.rint(seconds)
                                ? Long.toString((long) seconds)
                                : Double.toString(seconds),
                        relative ? ", relative" : "");
    }
}
