package dev.muster.benchmarks;

/// What is measured of the contestants.
///
/// @param name under which they add their numbers
/// @param label with its unit, for readers
/// @param better which of two numbers wins
/// @param shown what stands for the numbers of all rounds
record Quantity(String name, String label, Better better, Statistic shown) {
    enum Better {
        MORE,
        LESS
    }

    enum Statistic {
        /// Of all rounds, with the smallest and the largest.
        MEDIAN,

        /// Of all rounds, for what nothing but other work on the machine can make worse.
        BEST
    }

    static Quantity more(String name, String label) {
        return new Quantity(name, label, Better.MORE, Statistic.MEDIAN);
    }

    static Quantity less(String name, String label) {
        return new Quantity(name, label, Better.LESS, Statistic.MEDIAN);
    }

    Quantity best() {
        return new Quantity(name, label, better, Statistic.BEST);
    }

    double of(Measurements measured) {
        return switch (shown) {
            case MEDIAN -> measured.median(name);
            case BEST -> better == Better.MORE ? measured.largest(name) : measured.smallest(name);
        };
    }

    /// How many times better one is than the other.
    double ratio(Measurements one, Measurements other) {
        var factor = of(one) / of(other);
        return better == Better.MORE ? factor : 1 / factor;
    }
}
