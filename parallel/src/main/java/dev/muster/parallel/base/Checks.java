package dev.muster.parallel.base;

/// Refuses arguments that make no sense.
public final class Checks {
    private Checks() {}

    /// @return the value
    public static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "%s must be 1 or more, was %d".formatted(name, value));
        }
        return value;
    }
}
