package dev.muster.queue.schedule;

import dev.muster.queue.schedule.CronField.Unit;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Times of the calendar in Celery's dialect of crontab (celery-wire 9.3). Immutable.
///
/// A field is a list, separated by commas, of numbers, names (`mon`, `January`), ranges (`1-5`,
/// `fri-mon`), `*`, and ranges or `*` with a step (`*/15`, `8-17/2`). **All five fields must
/// match**, the day of the month and the day of the week together, where Unix takes either. Sunday
/// is 0, and there is no 7.
///
/// ```java
/// Crontab.parse("*/15 7-19 * * mon-fri").zone(ZoneId.of("Europe/Berlin"))
/// Crontab.EVERY_MINUTE.minute("0").hour("0,12")
/// ```
///
/// **Time zone.** Fields mean local time. A time that a clock set forward skips is at the moment
/// when it is set; a time that comes twice, because a clock is set back, is the first one.
///
/// **After a pause.** As in Celery, a run that was missed is due as soon as somebody looks, but one
/// that was missed in the same hour as the last run is due only on the same day.
public final class Crontab implements Schedule {
    /// All fields are `*`.
    public static final Crontab EVERY_MINUTE = parse("* * * * *");

    private static final int FIELDS = 5;

    /// The calendar, weekdays included, begins anew after so many years.
    private static final int CYCLE_YEARS = 400;

    private final CronField minute;
    private final CronField hour;
    private final CronField dayOfMonth;
    private final CronField monthOfYear;
    private final CronField dayOfWeek;
    private final Optional<ZoneId> zone;

    private Crontab(
            CronField minute,
            CronField hour,
            CronField dayOfMonth,
            CronField monthOfYear,
            CronField dayOfWeek,
            Optional<ZoneId> zone) {
        this.minute = minute;
        this.hour = hour;
        this.dayOfMonth = dayOfMonth;
        this.monthOfYear = monthOfYear;
        this.dayOfWeek = dayOfWeek;
        this.zone = zone;
    }

    /// Reads the five fields in the order of Unix: minute, hour, day of month, month of year, day
    /// of week.
    ///
    /// @throws IllegalArgumentException when they are not five, one cannot be read, or no day ever
    ///   matches
    public static Crontab parse(String text) {
        var fields = text.strip().split("\\s+", -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException(
                    "a crontab has five fields, minute hour day_of_month month_of_year day_of_week, was '%s'"
                            .formatted(text));
        }
        return new Crontab(
                        CronField.parse(Unit.MINUTE, fields[0]),
                        CronField.parse(Unit.HOUR, fields[1]),
                        CronField.parse(Unit.DAY_OF_MONTH, fields[2]),
                        CronField.parse(Unit.MONTH_OF_YEAR, fields[3]),
                        CronField.parse(Unit.DAY_OF_WEEK, fields[4]),
                        Optional.empty())
                .checked();
    }

    private Crontab checked() {
        for (var month = monthOfYear.first(); month > 0; month = monthOfYear.from(month + 1)) {
            if (dayOfMonth.first() <= Month.of(month).maxLength()) {
                return this;
            }
        }
        throw new IllegalArgumentException(
                "crontab '%s': no month of these has such a day".formatted(this));
    }

    /// With other minutes, 0 to 59.
    ///
    /// @throws IllegalArgumentException when the text cannot be read; so do the methods below
    public Crontab minute(String text) {
        return new Crontab(
                CronField.parse(Unit.MINUTE, text), hour, dayOfMonth, monthOfYear, dayOfWeek, zone);
    }

    /// With other hours, 0 to 23.
    public Crontab hour(String text) {
        return new Crontab(
                minute, CronField.parse(Unit.HOUR, text), dayOfMonth, monthOfYear, dayOfWeek, zone);
    }

    /// With other days of the month, 1 to 31.
    public Crontab dayOfMonth(String text) {
        var field = CronField.parse(Unit.DAY_OF_MONTH, text);
        return new Crontab(minute, hour, field, monthOfYear, dayOfWeek, zone).checked();
    }

    /// With other months, 1 to 12.
    public Crontab monthOfYear(String text) {
        var field = CronField.parse(Unit.MONTH_OF_YEAR, text);
        return new Crontab(minute, hour, dayOfMonth, field, dayOfWeek, zone).checked();
    }

    /// With other days of the week, 0 to 6 from Sunday on.
    public Crontab dayOfWeek(String text) {
        var field = CronField.parse(Unit.DAY_OF_WEEK, text);
        return new Crontab(minute, hour, dayOfMonth, monthOfYear, field, zone);
    }

    /// Meant in this time zone, instead of the application's.
    public Crontab zone(ZoneId value) {
        return new Crontab(minute, hour, dayOfMonth, monthOfYear, dayOfWeek, Optional.of(value));
    }

    /// The time zone, if it has one of its own.
    public Optional<ZoneId> zone() {
        return zone;
    }

    @Override
    public Crontab withDefaultZone(ZoneId value) {
        return zone.isPresent() ? this : zone(value);
    }

    @Override
    public Instant next(Instant lastRun, Instant now) {
        var place = zone.orElse(ZoneOffset.UTC);
        var local =
                nextLocal(LocalDateTime.ofInstant(lastRun, place), LocalDate.ofInstant(now, place));
        var change = place.getRules().getTransition(local);
        if (change != null && change.isGap()) {
            return change.getInstant();
        }
        var next = local.atZone(place);
        // Who ran while a time was there for the second time goes on in that hour.
        return next.toInstant().isAfter(lastRun)
                ? next.toInstant()
                : next.withLaterOffsetAtOverlap().toInstant();
    }

    /// The first minute after the last run that matches.
    ///
    /// @param today Celery looks into the rest of the last run's hour only on the day of that run
    ///   (`execute_this_hour` in `crontab.remaining_delta`)
    LocalDateTime nextLocal(LocalDateTime lastRun, LocalDate today) {
        var day = lastRun.toLocalDate();
        if (matches(day)) {
            if (hour.contains(lastRun.getHour()) && day.equals(today)) {
                var next = minute.from(lastRun.getMinute() + 1);
                if (next >= 0) {
                    return lastRun.truncatedTo(ChronoUnit.HOURS).withMinute(next);
                }
            }
            var next = hour.from(lastRun.getHour() + 1);
            if (next >= 0) {
                return day.atTime(next, minute.first());
            }
        }
        return nextDay(day).atTime(hour.first(), minute.first());
    }

    private boolean matches(LocalDate day) {
        return monthOfYear.contains(day.getMonthValue())
                && dayOfMonth.contains(day.getDayOfMonth())
                && dayOfWeek.contains(day.getDayOfWeek().getValue() % 7);
    }

    private LocalDate nextDay(LocalDate after) {
        var last = after.plusYears(CYCLE_YEARS);
        for (var day = after.plusDays(1); !day.isAfter(last); day = day.plusDays(1)) {
            if (!monthOfYear.contains(day.getMonthValue())) {
                day = day.withDayOfMonth(day.lengthOfMonth());
            } else if (matches(day)) {
                return day;
            }
        }
        throw new DateTimeException("no day matches the crontab " + this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Crontab that
                && minute.equals(that.minute)
                && hour.equals(that.hour)
                && dayOfMonth.equals(that.dayOfMonth)
                && monthOfYear.equals(that.monthOfYear)
                && dayOfWeek.equals(that.dayOfWeek)
                && zone.equals(that.zone);
    }

    @Override
    public int hashCode() {
        return Objects.hash(minute, hour, dayOfMonth, monthOfYear, dayOfWeek, zone);
    }

    /// The five fields in the order of Unix, as they were written.
    @Override
    public String toString() {
        return "%s %s %s %s %s".formatted(minute, hour, dayOfMonth, monthOfYear, dayOfWeek);
    }
}
