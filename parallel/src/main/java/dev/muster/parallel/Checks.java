package dev.muster.parallel;

final class Checks {
    private Checks() {}

    static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "%s must be 1 or more, was %d".formatted(name, value));
        }
        return value;
    }
}
