package dev.muster.queue.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/// When something runs again, given when it ran last (celery-wire 9). Immutable; answers depend on
/// the arguments alone.
///
/// ```java
/// Schedule.every(Duration.ofMinutes(10))
/// Schedule.crontab("30 4 * * mon-fri")
/// Schedule.solar(Solar.Event.SUNSET, 52.5, 13.4)
/// ```
public sealed interface Schedule permits Interval, Crontab, Solar {
    /// Again and again after this time.
    ///
    /// @throws IllegalArgumentException when it is not positive
    static Interval every(Duration interval) {
        return Interval.of(interval);
    }

    /// At times of the calendar, in the order of Unix: minute, hour, day of month, month, day of
    /// week.
    ///
    /// @throws IllegalArgumentException when it is none, or names no day that ever comes
    static Crontab crontab(String text) {
        return Crontab.parse(text);
    }

    /// At an event of the sun.
    ///
    /// @param latitude in degrees, north positive
    /// @param longitude in degrees, east positive
    /// @throws IllegalArgumentException when there is no such place
    static Solar solar(Solar.Event event, double latitude, double longitude) {
        return new Solar(event, latitude, longitude);
    }

    /// The first time to run after `lastRun`, as it is seen at `now`. It may have passed.
    ///
    /// @param now matters only where Celery lets it: see [Crontab]
    Instant next(Instant lastRun, Instant now);

    /// With this time zone, unless it has one already. What knows no local time stays as it is.
    Schedule withDefaultZone(ZoneId zone);

    /// How long it is from `now` until it is to run; zero or less when it is due.
    default Duration remaining(Instant lastRun, Instant now) {
        return Duration.between(now, next(lastRun, now));
    }

    /// Whether it is due at `now`, and how long it is from there to the next time: the one that is
    /// awaited, or when it is due the one after.
    default Due isDue(Instant lastRun, Instant now) {
        var remaining = remaining(lastRun, now);
        return remaining.isPositive()
                ? new Due(false, remaining)
                : new Due(true, remaining(now, now));
    }

    /// @param isDue whether it is to run now
    /// @param next how long it is until the next time
    record Due(boolean isDue, Duration next) {}
}
