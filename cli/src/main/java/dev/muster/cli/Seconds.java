package dev.muster.cli;

import java.time.Duration;

/// Times as people write them on a command line.
final class Seconds {
    private Seconds() {}

    /// @throws CommandException for less than nothing
    static Duration toDuration(double seconds) {
        if (!(seconds >= 0)) {
            throw CommandException.wrongUse(
                    "--timeout is a number of seconds from 0 on, was " + seconds);
        }
        return Duration.ofMillis((long) (seconds * 1000));
    }
}
