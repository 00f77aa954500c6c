package dev.muster.cli;

import java.time.Duration;

/// Times as people write them on a command line.
final class Seconds {
    private Seconds() {}

    /// Without a fraction where there is none.
    static String text(double seconds) {
        return seconds == Math.rint(seconds)
                ? String.valueOf((long) seconds)
                : String.valueOf(seconds);
    }

    /// @param option for the message
    /// @throws CommandException for less than nothing
    static Duration toDuration(String option, double seconds) {
        if (!(seconds >= 0)) {
            throw CommandException.wrongUse(
                    "%s is a number of seconds from 0 on, was %s".formatted(option, seconds));
        }
        return Duration.ofMillis((long) (seconds * 1000));
    }
}
