package dev.muster.queue.codec;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.Temporal;
import java.util.Locale;

/// Times as they stand in messages and results (celery-wire 1.6): ISO-8601 as Python's `isoformat`
/// writes it and every supported Python reads it.
public final class WireTime {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder()
                    .appendValue(ChronoField.HOUR_OF_DAY, 2)
                    .appendLiteral(':')
                    .appendValue(ChronoField.MINUTE_OF_HOUR, 2)
                    .optionalStart()
                    .appendLiteral(':')
                    .appendValue(ChronoField.SECOND_OF_MINUTE, 2)
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .optionalEnd()
                    .optionalStart()
                    .appendOffset("+HHMM", "Z")
                    .optionalEnd()
                    .optionalStart()
                    .appendOffset("+HH:mm:ss", "Z")
                    .optionalEnd()
                    .toFormatter(Locale.ROOT)
                    .withResolverStyle(ResolverStyle.STRICT);

    private static final DateTimeFormatter DATE_TIME =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .optionalStart()
                    .optionalStart()
                    .appendLiteral('T')
                    .optionalEnd()
                    .optionalStart()
                    .appendLiteral(' ')
                    .optionalEnd()
                    .append(TIME)
                    .toFormatter(Locale.ROOT)
                    .withResolverStyle(ResolverStyle.STRICT);

    private static final int LAST_YEAR_OF_PYTHON = 9999;

    private WireTime() {}

    /// `yyyy-MM-ddTHH:mm:ss+00:00`, with six fraction digits between when the microsecond is not 0.
    /// What is finer than a microsecond is cut off.
    ///
    /// @throws EncodeException outside the years 1 to 9999, which Python cannot read
    public static String format(Instant time) {
        return format(atUtc(time));
    }

    /// Reads 0 to 9 fraction digits, `Z`, any offset, or none, which means UTC.
    ///
    /// @throws DecodeException for anything else
    public static Instant parse(String text) {
        return toInstant(parseDateTime(text));
    }

    /// As [#parse(String)], but a time without an offset is in `zone`.
    ///
    /// @throws DecodeException for anything else than a time
    public static Instant parse(String text, ZoneId zone) {
        return parseDateTime(text) instanceof LocalDateTime local
                ? local.atZone(zone).toInstant()
                : parse(text);
    }

    /// @throws EncodeException far outside the years that any peer can read
    static OffsetDateTime atUtc(Instant time) {
        try {
            return time.atOffset(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new EncodeException("a time beyond every calendar: " + time.getEpochSecond(), e);
        }
    }

    static String format(OffsetDateTime time) {
        var text = new StringBuilder(32);
        append(text, time.toLocalDateTime());
        appendOffset(text, time.getOffset());
        return text.toString();
    }

    static String format(LocalDateTime time) {
        var text = new StringBuilder(26);
        append(text, time);
        return text.toString();
    }

    static String format(LocalDate date) {
        var text = new StringBuilder(10);
        append(text, date);
        return text.toString();
    }

    static String format(LocalTime time) {
        var text = new StringBuilder(15);
        append(text, time);
        return text.toString();
    }

    static String format(OffsetTime time) {
        var text = new StringBuilder(21);
        append(text, time.toLocalTime());
        appendOffset(text, time.getOffset());
        return text.toString();
    }

    /// An `OffsetDateTime`, a `LocalDateTime` when there is no offset, or a `LocalDate`.
    static Temporal parseDateTime(String text) {
        try {
            return (Temporal)
                    DATE_TIME.parseBest(
                            text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
        } catch (DateTimeException e) {
            throw new DecodeException("not an ISO-8601 time: '" + Scalars.shorten(text) + "'", e);
        }
    }

    /// An `OffsetTime`, or a `LocalTime` when there is no offset.
    static Temporal parseTime(String text) {
        try {
            return (Temporal) TIME.parseBest(text, OffsetTime::from, LocalTime::from);
        } catch (DateTimeException e) {
            throw new DecodeException(
                    "not an ISO-8601 time of day: '" + Scalars.shorten(text) + "'", e);
        }
    }

    static Instant toInstant(Temporal time) {
        return switch (time) {
            case OffsetDateTime withOffset -> withOffset.toInstant();
            case LocalDateTime local -> local.toInstant(ZoneOffset.UTC);
            case LocalDate date -> date.atStartOfDay().toInstant(ZoneOffset.UTC);
            default -> throw new DecodeException("a time of day without its date");
        };
    }

    private static void append(StringBuilder text, LocalDateTime time) {
        append(text, time.toLocalDate());
        text.append('T');
        append(text, time.toLocalTime());
    }

    private static void append(StringBuilder text, LocalDate date) {
        var year = date.getYear();
        if (year < 1 || year > LAST_YEAR_OF_PYTHON) {
            throw new EncodeException(
                    "a date must be in the years 1 to %d, was %s"
                            .formatted(LAST_YEAR_OF_PYTHON, date));
        }
        twoDigits(text, year / 100);
        twoDigits(text, year % 100);
        twoDigits(text.append('-'), date.getMonthValue());
        twoDigits(text.append('-'), date.getDayOfMonth());
    }

    private static void append(StringBuilder text, LocalTime time) {
        twoDigits(text, time.getHour());
        twoDigits(text.append(':'), time.getMinute());
        twoDigits(text.append(':'), time.getSecond());
        var micros = time.getNano() / 1000;
        if (micros != 0) {
            twoDigits(text.append('.'), micros / 10_000);
            twoDigits(text, micros / 100 % 100);
            twoDigits(text, micros % 100);
        }
    }

    private static void appendOffset(StringBuilder text, ZoneOffset offset) {
        text.append(offset.equals(ZoneOffset.UTC) ? "+00:00" : offset.getId());
    }

    private static void twoDigits(StringBuilder text, int number) {
        text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
