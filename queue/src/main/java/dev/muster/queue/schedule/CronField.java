package dev.muster.queue.schedule;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One field of a [Crontab]: the numbers that its text stands for (celery-wire 9.3). Equal when the
/// numbers are.
final class CronField {
    private static final Pattern PART =
            Pattern.compile("(?:(?<star>\\*)|(?<from>\\w+)(?:-(?<to>\\w+))?)(?:/(?<step>\\w*))?");
    private static final List<String> MONTHS =
            List.of(
                    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec");
    private static final List<String> WEEKDAYS =
            List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private final Unit unit;
    private final String text;
    private final BitSet values;

    private CronField(Unit unit, String text, BitSet values) {
        this.unit = unit;
        this.text = text;
        this.values = values;
    }

    /// @throws IllegalArgumentException when it is no such text
    static CronField parse(Unit unit, String text) {
        var values = new BitSet();
        for (var part : text.split(",", -1)) {
            expand(unit, text, part.strip(), values);
        }
        return new CronField(unit, text.strip().replaceAll("\\s*,\\s*", ","), values);
    }

    private static void expand(Unit unit, String text, String part, BitSet values) {
        var match = PART.matcher(part);
        if (!match.matches()) {
            throw wrong(unit, text, "'%s' is none of 5, 1-5, *, */5, 1-30/5".formatted(part));
        }
        var step = step(unit, text, match.group("step"));
        var count = unit.max - unit.min + 1;
        int from;
        int length;
        if (match.group("star") != null) {
            from = unit.min;
            length = count;
        } else {
            from = number(unit, text, match.group("from"));
            if (match.group("to") == null && match.group("step") != null) {
                throw wrong(unit, text, "a step follows a range or *, not the single " + from);
            }
            var to = match.group("to") == null ? from : number(unit, text, match.group("to"));
            // A range whose end lies before its beginning goes round: 22-2 is 22, 23, 0, 1, 2.
            length = Math.floorMod(to - from, count) + 1;
        }
        for (var offset = 0; offset < length; offset += step) {
            values.set(unit.min + (from - unit.min + offset) % count);
        }
    }

    private static int step(Unit unit, String text, @Nullable String step) {
        if (step == null) {
            return 1;
        }
        try {
            var number = Integer.parseInt(step);
            if (number > 0) {
                // More than any range has; adding to it must not overflow.
                return Math.min(number, 100);
            }
        } catch (NumberFormatException e) {
            // Answered below, as for zero.
        }
        throw wrong(unit, text, "a step is a number > 0, was '%s'".formatted(step));
    }

    private static int number(Unit unit, String text, String word) {
        int number;
        try {
            number = Integer.parseInt(word);
        } catch (NumberFormatException e) {
            number = named(unit, text, word);
        }
        if (number < unit.min || number > unit.max) {
            throw wrong(
                    unit,
                    text,
                    "%s is not from %d to %d%s"
                            .formatted(
                                    word,
                                    unit.min,
                                    unit.max,
                                    unit == Unit.DAY_OF_WEEK && number == 7
                                            ? "; Sunday is 0"
                                            : ""));
        }
        return number;
    }

    /// As in Celery, each name means its number in every field.
    private static int named(Unit unit, String text, String word) {
        var start = word.substring(0, Math.min(3, word.length())).toLowerCase(Locale.ROOT);
        if (MONTHS.contains(start)) {
            return MONTHS.indexOf(start) + 1;
        }
        if (WEEKDAYS.contains(start)) {
            return WEEKDAYS.indexOf(start);
        }
        throw wrong(unit, text, "'%s' is neither a number nor a day nor a month".formatted(word));
    }

    private static IllegalArgumentException wrong(Unit unit, String text, String reason) {
        return new IllegalArgumentException(
                "crontab, %s '%s': %s".formatted(unit.label, text, reason));
    }

    boolean contains(int value) {
        return values.get(value);
    }

    /// The first value from this one on; -1 when there is none.
    int from(int value) {
        return values.nextSetBit(value);
    }

    int first() {
        return values.nextSetBit(0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CronField that && unit == that.unit && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(unit, values);
    }

    /// As it was written.
    @Override
    public String toString() {
        return text;
    }

    /// What a field counts.
    enum Unit {
        MINUTE(0, 59),
        HOUR(0, 23),
        DAY_OF_MONTH(1, 31),
        MONTH_OF_YEAR(1, 12),
        DAY_OF_WEEK(0, 6);

        private final int min;
        private final int max;
        private final String label = name().toLowerCase(Locale.ROOT);

        Unit(int min, int max) {
            this.min = min;
            this.max = max;
        }
    }
}
