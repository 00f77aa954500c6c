package dev.muster.benchmarks;

/// Who takes part in a comparison.
///
/// @param name for readers
/// @param round measures once and adds what it found; it need not have all quantities
record Contestant(String name, Round round) {
    @FunctionalInterface
    interface Round {
        void measure(Measurements into) throws Exception;
    }
}
