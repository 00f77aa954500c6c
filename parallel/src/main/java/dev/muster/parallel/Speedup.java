package dev.muster.parallel;

import dev.muster.parallel.base.Checks;
import java.util.List;

/// What more processors can bring.
///
/// The parallel part `p` of a program is a fraction of its running time on one processor, from 0 to
/// 1; the rest is serial. `n` is a number of processors. A speed-up of 2 is half of the time.
public final class Speedup {
    private Speedup() {}

    /// Amdahl's law, for a problem of a fixed size: `1 / ((1 - p) + p / n)`. It is an upper bound,
    /// as it knows no cost of communication.
    public static double amdahl(double p, int n) {
        return 1 / (1 - fraction(p) + p / Checks.positive("n", n));
    }

    /// What Amdahl's law tends to for ever more processors; infinite when all is parallel.
    public static double limit(double p) {
        return 1 / (1 - fraction(p));
    }

    /// Gustafson's law, for a problem that grows with the machine: `(1 - p) + p * n`. Here `p` is
    /// the parallel part of the time on the large machine.
    public static double gustafson(double p, int n) {
        return 1 - fraction(p) + p * Checks.positive("n", n);
    }

    /// The serial part that a measured speed-up tells of, by Karp and Flatt: `(1 / speedup - 1 / n)
    /// / (1 - 1 / n)`. When it grows with `n`, time is lost to communication or to waiting; when it
    /// is the same for all `n`, the serial part is what limits.
    ///
    /// @param n 2 or more
    /// @return less than 0 for a speed-up of more than n
    public static double karpFlatt(double speedup, int n) {
        if (!(speedup > 0)) {
            throw new IllegalArgumentException("speedup must be more than 0, was " + speedup);
        }
        if (n < 2) {
            throw new IllegalArgumentException("n must be 2 or more, was " + n);
        }
        return (1 / speedup - 1.0 / n) / (1 - 1.0 / n);
    }

    /// The law that fits measurements best: the serial and the parallel seconds of `T(n) = serial +
    /// parallel / n` with the least squares of errors, neither less than 0.
    ///
    /// @throws IllegalArgumentException unless there are measurements for two different n
    public static Law fit(List<Measurement> measurements) {
        if (measurements.stream().mapToInt(Measurement::n).distinct().count() < 2) {
            throw new IllegalArgumentException(
                    "a fit needs measurements for two different n, got " + measurements);
        }
        var meanX = measurements.stream().mapToDouble(m -> 1.0 / m.n()).average().orElseThrow();
        var meanY = measurements.stream().mapToDouble(Measurement::seconds).average().orElseThrow();
        var xx = 0.0;
        var xy = 0.0;
        var squares = 0.0;
        var products = 0.0;
        for (var measurement : measurements) {
            var x = 1.0 / measurement.n();
            xx += (x - meanX) * (x - meanX);
            xy += (x - meanX) * (measurement.seconds() - meanY);
            squares += x * x;
            products += x * measurement.seconds();
        }
        var parallel = xy / xx;
        var serial = meanY - parallel * meanX;
        if (parallel < 0) {
            return new Law(meanY, 0);
        }
        if (serial < 0) {
            return new Law(0, products / squares);
        }
        return new Law(serial, parallel);
    }

    private static double fraction(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("p must be from 0 to 1, was " + p);
        }
        return p;
    }

    /// Amdahl's law with times.
    ///
    /// @param serialSeconds what takes as long on any number of processors
    /// @param parallelSeconds what the processors share, as measured on one
    public record Law(double serialSeconds, double parallelSeconds) {
        public Law {
            if (!(serialSeconds >= 0
                    && parallelSeconds >= 0
                    && serialSeconds + parallelSeconds > 0)) {
                throw new IllegalArgumentException(
                        "serial and parallel seconds must be 0 or more, and one more; they were %s and %s"
                                .formatted(serialSeconds, parallelSeconds));
            }
        }

        /// @param p the parallel part
        /// @param seconds the time on one processor
        public static Law of(double p, double seconds) {
            return new Law((1 - fraction(p)) * seconds, p * seconds);
        }

        /// The time on n processors.
        public double seconds(int n) {
            return serialSeconds + parallelSeconds / Checks.positive("n", n);
        }

        public double speedup(int n) {
            return seconds(1) / seconds(n);
        }

        /// The parallel part of the time on one processor, from 0 to 1.
        public double parallelFraction() {
            return parallelSeconds / seconds(1);
        }
    }
}
