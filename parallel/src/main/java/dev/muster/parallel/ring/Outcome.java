package dev.muster.parallel.ring;

/// What became of a value that was to be added.
public enum Outcome {
    ADDED,
    FULL,
    CLOSED
}
