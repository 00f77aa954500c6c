package dev.muster.parallel;

import dev.muster.parallel.base.Checks;

/// How long something took on so many processors.
///
/// @param n processors, from 1 on
/// @param seconds more than 0
public record Measurement(int n, double seconds) {
    public Measurement {
        Checks.positive("n", n);
        if (!(seconds > 0) || Double.isInfinite(seconds)) {
            throw new IllegalArgumentException("seconds must be more than 0, was " + seconds);
        }
    }
}
