package dev.muster.queue.spi;

import java.time.InstantSource;
import java.util.Objects;
import java.util.random.RandomGenerator;

/// The world as brokers and stores see it, so that a test can turn the clock.
public record Environment(Settings settings, InstantSource clock, RandomGenerator random) {
    public Environment {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(random, "random");
    }

    /// The system's clock and randomness.
    public static Environment of(Settings settings) {
        return new Environment(settings, InstantSource.system(), RandomGenerator.getDefault());
    }
}
