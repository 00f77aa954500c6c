package dev.muster.testkit;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes random values for [Seeded], with a taste for the extreme ones. [Generators] has many.
///
/// @param <T> the type of the values
@FunctionalInterface
public interface Generator<T extends @Nullable Object> {
    /// A value that depends on `random` only.
    T generate(RandomGenerator random);

    /// Simpler values of the same kind, the simplest first; they replace one that failed while they
    /// fail as well. Each must be simpler than `value`, so that this comes to an end.
    default List<T> shrink(T value) {
        return List.of();
    }
}
