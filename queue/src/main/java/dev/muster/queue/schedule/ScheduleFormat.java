package dev.muster.queue.schedule;

import dev.muster.queue.spi.Setting;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Schedules as plain data, as they stand in `muster.yaml` and in the stores of beats:
///
/// - an interval as seconds or as text with a unit, `30`, `10m`, or as `{every: 10m, relative:
///   true}`;
/// - a crontab as text, `0 4 * * mon`, as `{crontab: 0 4 * * mon}`, or as `{minute: 0, hour: [4,
///   5]}` with Celery's names of the fields, those left out being `*`;
/// - the sun as `{solar: sunset, latitude: 52.5, longitude: 13.4}`.
///
/// Each of the maps may have a `timezone`.
public final class ScheduleFormat {
    /// Before the point, or zeros after it: many more than any duration has.
    private static final int MOST_DIGITS = 400;

    private static final String EVERY = "every";
    private static final String RELATIVE = "relative";
    private static final String TIMEZONE = "timezone";
    private static final String CRONTAB = "crontab";
    private static final String SOLAR = "solar";
    private static final String LATITUDE = "latitude";
    private static final String LONGITUDE = "longitude";
    private static final Set<String> CRON_FIELDS =
            Set.of("minute", "hour", "day_of_month", "month_of_year", "day_of_week");

    private ScheduleFormat() {}

    /// @param plain numbers, texts, lists and maps
    /// @throws IllegalArgumentException when it is no schedule
    public static Schedule read(Object plain) {
        return switch (plain) {
            case Map<?, ?> map -> readMap(map);
            case String text when text.strip().contains(" ") -> Crontab.parse(text);
            default -> Interval.of(duration(plain));
        };
    }

    /// Seconds, or text with a unit.
    ///
    /// @throws IllegalArgumentException when it is neither
    public static Duration duration(Object plain) {
        return Setting.toDuration(plain instanceof Number number ? digits(number) : plain);
    }

    /// Large numbers have an exponent as text, which nobody writes by hand.
    private static String digits(Number number) {
        var decimal = new BigDecimal(number.toString());
        if (Math.abs((long) decimal.precision() - decimal.scale()) > MOST_DIGITS) {
            throw new IllegalArgumentException("no duration has %s seconds".formatted(number));
        }
        return decimal.toPlainString();
    }

    private static Schedule readMap(Map<?, ?> map) {
        var zone = Optional.ofNullable(map.get(TIMEZONE)).map(name -> zone(name.toString()));
        if (map.containsKey(EVERY)) {
            allow(map, Set.of(EVERY, RELATIVE, TIMEZONE));
            return new Interval(duration(present(map, EVERY)), isTrue(map.get(RELATIVE)), zone);
        }
        if (map.containsKey(CRONTAB)) {
            allow(map, Set.of(CRONTAB, TIMEZONE));
            return zoned(Crontab.parse(present(map, CRONTAB).toString()), zone);
        }
        if (map.containsKey(SOLAR)) {
            allow(map, Set.of(SOLAR, LATITUDE, LONGITUDE));
            return new Solar(
                    Solar.Event.parse(present(map, SOLAR).toString()),
                    degrees(map, LATITUDE),
                    degrees(map, LONGITUDE));
        }
        var fields = new TreeSet<>(CRON_FIELDS);
        fields.add(TIMEZONE);
        allow(map, fields);
        if (map.keySet().stream().noneMatch(CRON_FIELDS::contains)) {
            throw new IllegalArgumentException(
                    "a schedule is a number of seconds, a crontab such as '0 4 * * *', or a map with 'every', 'crontab', 'solar', or the fields of a crontab");
        }
        return zoned(
                Crontab.EVERY_MINUTE
                        .minute(field(map, "minute"))
                        .hour(field(map, "hour"))
                        .dayOfMonth(field(map, "day_of_month"))
                        .monthOfYear(field(map, "month_of_year"))
                        .dayOfWeek(field(map, "day_of_week")),
                zone);
    }

    private static Crontab zoned(Crontab crontab, Optional<ZoneId> zone) {
        return zone.map(crontab::zone).orElse(crontab);
    }

    private static void allow(Map<?, ?> map, Set<String> fields) {
        for (var field : map.keySet()) {
            if (!fields.contains(String.valueOf(field))) {
                throw new IllegalArgumentException(
                        "a schedule has no '%s' beside these fields: %s"
                                .formatted(field, String.join(", ", new TreeSet<>(fields))));
            }
        }
    }

    private static Object present(Map<?, ?> map, String name) {
        var value = map.get(name);
        if (value == null) {
            throw new IllegalArgumentException("'%s' of a schedule is empty".formatted(name));
        }
        return value;
    }

    private static boolean isTrue(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            default ->
                    throw new IllegalArgumentException(
                            "'relative' is true or false, was '%s'".formatted(value));
        };
    }

    private static double degrees(Map<?, ?> map, String name) {
        if (present(map, name) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("'%s' is a number of degrees".formatted(name));
    }

    private static String field(Map<?, ?> map, String name) {
        return switch (map.get(name)) {
            case null -> "*";
            case Collection<?> items ->
                    items.stream().map(String::valueOf).collect(Collectors.joining(","));
            case Object value -> value.toString();
        };
    }

    /// @throws IllegalArgumentException when there is no such time zone
    public static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'%s' is no time zone; write for example Europe/Berlin".formatted(name), e);
        }
    }

    /// The schedule in a form that [#read] understands.
    public static Map<String, Object> write(Schedule schedule) {
        var map = new LinkedHashMap<String, Object>();
        switch (schedule) {
            case Interval(var every, var relative, var zone) -> {
                map.put(EVERY, text(every));
                if (relative) {
                    map.put(RELATIVE, true);
                }
                zone.ifPresent(id -> map.put(TIMEZONE, id.getId()));
            }
            case Crontab crontab -> {
                map.put(CRONTAB, crontab.toString());
                crontab.zone().ifPresent(id -> map.put(TIMEZONE, id.getId()));
            }
            case Solar(var event, var latitude, var longitude) -> {
                map.put(SOLAR, event.text());
                map.put(LATITUDE, latitude);
                map.put(LONGITUDE, longitude);
            }
        }
        return map;
    }

    /// Seconds, to the millisecond.
    public static String text(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString()
                + "s";
    }
}
