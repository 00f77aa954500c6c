package dev.muster.fuzz;

/// What a decoder did with an input.
sealed interface Outcome {
    Outcome ACCEPTED = new Accepted();

    /// It was read.
    record Accepted() implements Outcome {}

    /// It was refused, as it should be.
    ///
    /// @param way the same for inputs that are refused at the same place
    record Refused(int way) implements Outcome {}

    /// Something else happened.
    record Broken(Throwable problem) implements Outcome {}
}
